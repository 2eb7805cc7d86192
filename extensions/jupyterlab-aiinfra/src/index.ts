import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import compare from './plugins/compare';
import core from './plugins/core';
import drift from './plugins/drift';
import frames from './plugins/frames';
import links from './plugins/links';
import notify from './plugins/notify';
import runs from './plugins/runs';
import status from './plugins/status';
import submit from './plugins/submit';
import run from './plugins/run';

/** What JupyterLab loads: one plugin a file in `plugins`. Heavy views are imported when they open. */
const plugins: JupyterFrontEndPlugin<unknown>[] = [
  core,
  run,
  runs,
  status,
  notify,
  links,
  submit,
  compare,
  drift,
  frames
];

export default plugins;
