import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import core from './plugins/core';
import links from './plugins/links';
import notify from './plugins/notify';
import runs from './plugins/runs';
import status from './plugins/status';
import submit from './plugins/submit';

/** What JupyterLab loads: one plugin a file in `plugins`. Heavy views are imported when they open. */
const plugins: JupyterFrontEndPlugin<unknown>[] = [core, runs, status, notify, links, submit];

export default plugins;
