import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Client } from '../api/client';
import type { Change } from '../api/schema';
import type { Watched } from './watched';

/** What has happened to runs, as it happens, in this window and any other. */
export interface ILive {
  /** Each run that is new or has changed. Nothing is missed after sleep or lost network: it comes when back. */
  readonly changed: ISignal<unknown, Change>;
  /** Changes were missed that can't be told any more (the server was started anew): look at everything again. */
  readonly reset: ISignal<unknown, void>;
  readonly state: LiveState;
  readonly stateChanged: ISignal<unknown, LiveState>;
}

/** `offline`: the server doesn't answer; what is shown may be old. `expired`: it wants a new login. */
export type LiveState = 'connecting' | 'live' | 'offline' | 'expired';

/** The core of the extension, which every view stands on. */
export interface IAiinfra {
  readonly client: Client;
  readonly live: ILive;
  readonly trans: TranslationBundle;
  /** The runs whose end needn't be told: it is seen. */
  readonly watched: Watched;
}

export const IAiinfra = new Token<IAiinfra>(
  'jupyterlab-aiinfra:IAiinfra',
  'The API, the live changes and the texts of aiinfra.'
);

/** The commands of all views, so that one view can call another without knowing it. */
export namespace CommandIDs {
  /** Open the submit panel. Args: `{ path?: string, choices?: Choices }`; without a path, the open notebook. */
  export const submit = 'aiinfra:submit';
  /** Show the list of runs in the left bar. */
  export const showRuns = 'aiinfra:show-runs';
  /** Open a run. Args: `{ id: string, step?: string, cell?: number }`. */
  export const openRun = 'aiinfra:open-run';
  /** Args: `{ id: string }`. */
  export const cancelRun = 'aiinfra:cancel-run';
  /** Compare runs. Args: `{ ids: string[] }`; without, it asks. */
  export const compare = 'aiinfra:compare';
  /** Open the drift view. Args: `{ source?: string }`. */
  export const openDrift = 'aiinfra:open-drift';
  /** Open MLflow in the Lab. Args: `{ fragment?: string, title?: string }`. */
  export const openMlflow = 'aiinfra:open-mlflow';
  /** Open a page that a step wrote, in a sandboxed frame. Args: `{ id, step, file, title? }`. */
  export const openPage = 'aiinfra:open-page';
  /** Preview a table that a step wrote. Args: `{ id, step, output, title? }`. */
  export const openTable = 'aiinfra:open-table';
}
