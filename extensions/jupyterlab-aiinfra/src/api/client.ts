import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { asProblem, problemOf } from './problem';
import type {
  CellPage,
  Changes,
  Comparison,
  Copied,
  DataInfo,
  DriftHistory,
  EventPage,
  Facets,
  Findings,
  LogPage,
  Preview,
  RunDetail,
  RunPage,
  RunRow,
  Samples,
  Source,
  Status,
  StepRecord,
  Submission,
  TablePage,
  Targets
} from './schema';

const PREFIX = 'aiinfra/api/v1';
const MLFLOW = 'aiinfra-mlflow';

type Query = Record<string, string | number | null | undefined>;

export interface IRunsFilter {
  state?: string | null;
  source?: string | null;
  target?: string | null;
  text?: string | null;
}

const part = encodeURIComponent;

/** Asks our half on the server. Every method rejects with a `ProblemError`. */
export class Client {
  constructor(settings: ServerConnection.ISettings = ServerConnection.makeSettings()) {
    // Our answers say themselves that they aren't to be kept. Asked for `no-store`, JupyterLab would add the time to
    // each address, which the server refuses as a field that it doesn't know.
    this.settings = { ...settings, init: { ...settings.init, cache: 'default' } };
  }

  readonly settings: ServerConnection.ISettings;

  status = (): Promise<Status> => this.get('/status');
  targets = (): Promise<Targets> => this.get('/targets');
  /** `content` is the notebook as it is in the editor, when that isn't saved. */
  source = (path: string, pipeline: string | null = null, content: object | null = null): Promise<Source> =>
    content ? this.post('/source', { path, pipeline, content }) : this.get('/source', { path, pipeline });
  check = (path: string, pipeline: string | null = null, content: object | null = null): Promise<Findings> =>
    this.post('/check', { path, pipeline, content });
  data = (path: string, input: string, file?: string): Promise<DataInfo> =>
    this.get('/data', { path, input, file });
  addData = (path: string, input: string): Promise<DataInfo> => this.post('/data/add', { path, input });
  preview = (submission: Submission): Promise<Preview> => this.post('/preview', submission);
  submit = (submission: Submission): Promise<RunRow> => this.post('/runs', submission);

  runs = (filter: IRunsFilter = {}, before: string | null = null, limit = 50): Promise<RunPage> =>
    this.get('/runs', { ...filter, before, limit });
  facets = (): Promise<Facets> => this.get('/facets');
  run = (run: string): Promise<RunDetail> => this.get(`/runs/${part(run)}`);
  events = (run: string, offset: number): Promise<EventPage> =>
    this.get(`/runs/${part(run)}/events`, { offset });
  cancel = (run: string): Promise<RunRow> => this.post(`/runs/${part(run)}/cancel`, {});
  copy = (run: string, step: string): Promise<Copied> => this.post(`/runs/${part(run)}/copy`, { step });
  changes = (epoch: string, after: number): Promise<Changes> => this.get('/changes', { epoch, after });

  cells = (run: string, step: string, start = 0, count = 50): Promise<CellPage> =>
    this.get(`${this.step(run, step)}/cells`, { start, count });
  log = (run: string, step: string, offset = 0): Promise<LogPage> =>
    this.get(`${this.step(run, step)}/log`, { offset });
  samples = (run: string, step: string): Promise<Samples> => this.get(`${this.step(run, step)}/samples`);
  record = (run: string, step: string): Promise<StepRecord> => this.get(`${this.step(run, step)}/record`);
  table = (run: string, step: string, output: string, start = 0, count = 100): Promise<TablePage> =>
    this.get(`${this.step(run, step)}/table`, { output, start, count });

  compare = (runs: readonly string[]): Promise<Comparison> => this.get('/compare', { runs: runs.join(',') });
  drift = (source: string | null = null): Promise<DriftHistory> => this.get('/drift', { source });

  /** The address of a file that a step left; pages among them may only be shown in a sandboxed frame. */
  fileUrl(run: string, step: string, name: string, download = false): string {
    const file = name.split('/').map(part).join('/');
    const url = URLExt.join(this.settings.baseUrl, 'aiinfra/files', part(run), part(step), file);
    return download ? `${url}?download=1` : url;
  }

  /** The address of a page of MLflow, through the Lab's own origin. `fragment` is what comes after `#`. */
  mlflowUrl(fragment = '/'): string {
    return `${URLExt.join(this.settings.baseUrl, MLFLOW)}/#${fragment}`;
  }

  private step(run: string, step: string): string {
    return `/runs/${part(run)}/steps/${part(step)}`;
  }

  private get<T>(path: string, query: Query = {}): Promise<T> {
    const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
    const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
    return this.request<T>(text ? `${path}?${text}` : path, { method: 'GET' });
  }

  private post<T>(path: string, body: object): Promise<T> {
    return this.request<T>(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json' }
    });
  }

  private async request<T>(path: string, init: RequestInit): Promise<T> {
    const url = URLExt.join(this.settings.baseUrl, PREFIX) + path;
    let response: Response;
    let body: unknown;
    try {
      // Otherwise a time is added to the address, as a question that the server doesn't know.
      response = await ServerConnection.makeRequest(url, { ...init, cache: 'no-cache' }, this.settings);
      const text = await response.text();
      body = text ? JSON.parse(text) : null;
    } catch (error) {
      throw asProblem(error);
    }
    if (!response.ok) {
      throw problemOf(body, response.status);
    }
    return body as T;
  }
}
