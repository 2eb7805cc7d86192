import { LabIcon } from '@jupyterlab/ui-components';

/** Something leaves its frame: not the triangle that runs a cell. */
export const submitIcon = new LabIcon({
  name: 'aiinfra:submit',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16">
  <g class="jp-icon3" fill="#616161">
    <path d="M2 2h7v1.5H3.500v9H9V14H2z"/>
    <path d="M6.500 7.250h4.700L9.400 5.450l1.060-1.060L14.080 8l-3.620 3.610-1.060-1.060 1.800-1.800H6.500z"/>
  </g>
</svg>`
});
