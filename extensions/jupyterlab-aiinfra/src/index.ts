import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import core from './plugins/core';

/** What JupyterLab loads: one plugin a file in `plugins`. Heavy views are imported when they open. */
const plugins: JupyterFrontEndPlugin<unknown>[] = [core];

export default plugins;
