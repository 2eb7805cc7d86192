import { LabIcon } from '@jupyterlab/ui-components';

/** Runs: what has run, one line each, with its state before it. */
export const runsIcon = new LabIcon({
  name: 'aiinfra:runs',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="#616161">
    <path d="M10 5h11v2H10zM10 11h11v2H10zM10 17h11v2H10z"/>
    <path d="M3 3.2v5.6L7.5 6z"/>
    <circle cx="5" cy="12" r="2"/>
    <circle cx="5" cy="18" r="2"/>
  </g>
</svg>`
});
