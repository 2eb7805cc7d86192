import type { Client } from '../api/client';
import { asProblem, type ProblemError } from '../api/problem';
import type { Change, RunDetail, Step } from '../api/schema';
import { Model } from '../common/Model';
import { hasEnded } from '../core/format';
import type { ILive } from '../core/tokens';
import { NotebookModel } from './notebookModel';

/** Milliseconds between two looks at a run that goes on. */
const PACE = 1000;

type Asked = Pick<Client, 'run' | 'cells' | 'events'>;

/** The step to look at: the one that failed, else the one that runs, else the last one that began. */
export function firstStep(graph: readonly Step[]): string | null {
  const began = graph.filter(step => step.started !== null);
  const last = began.reduce<Step | null>(
    (latest, step) => ((step.started ?? 0) >= (latest?.started ?? 0) ? step : latest),
    null
  );
  const failed = graph.find(step => step.state === 'FAILED');
  const running = graph.find(step => step.state === 'RUNNING');
  return (failed ?? running ?? last ?? graph[0])?.name ?? null;
}

/** A run and its steps, as they are now. One step is looked at; `notebook` is what it executes. */
export class RunModel extends Model {
  constructor(
    private readonly client: Asked,
    private readonly live: ILive,
    readonly id: string
  ) {
    super();
    live.changed.connect(this.hear);
    live.reset.connect(this.refresh);
    live.stateChanged.connect(this.mind);
    this.refresh();
  }

  detail: RunDetail | null = null;
  problem: ProblemError | null = null;
  /** The step that is looked at. */
  step: Step | null = null;
  notebook: NotebookModel | null = null;
  /** Whether the running step is looked at, whichever it is. */
  follows = true;

  get ended(): boolean {
    return this.detail !== null && hasEnded(this.detail.state);
  }

  /** Look at a step. Does nothing as long as there is none of that name; `wish` is kept until then. */
  select(name: string, follows = false): void {
    this.wish = name;
    this.follows = follows;
    this.look();
    this.tell();
  }

  /** Look at the running step again, and at those that come after it. */
  follow(): void {
    this.follows = true;
    this.look();
    this.tell();
  }

  /** Ask for the run, once a second at most. */
  readonly refresh = (): void => {
    if (this.timer === undefined && !this.isDisposed) {
      const wait = Math.max(0, this.askedAt + PACE - Date.now());
      this.timer = setTimeout(() => {
        this.timer = undefined;
        void this.ask();
      }, wait);
    }
  };

  override dispose(): void {
    clearTimeout(this.timer);
    this.live.changed.disconnect(this.hear);
    this.live.reset.disconnect(this.refresh);
    this.live.stateChanged.disconnect(this.mind);
    this.notebook?.dispose();
    super.dispose();
  }

  private readonly hear = (_: unknown, change: Change): void => {
    if (change.run.id !== this.id) {
      return;
    }
    const { run } = change;
    if (this.detail !== null) {
      const graph = this.detail.graph.map(step =>
        step.name === run.step && step.state === 'RUNNING'
          ? { ...step, cell: run.cell, cells: run.cells ?? step.cells }
          : step
      );
      this.detail = { ...this.detail, ...run, graph };
      this.look();
    }
    this.notebook?.hear(change.offset);
    this.refresh();
    this.tell();
  };

  private readonly mind = (): void => {
    if (this.live.state === 'live') {
      this.refresh();
      this.notebook?.refresh();
    }
    this.tell();
  };

  private async ask(): Promise<void> {
    this.askedAt = Date.now();
    try {
      const detail = await this.client.run(this.id);
      if (!this.isDisposed) {
        this.detail = detail;
        this.problem = null;
        this.look();
        this.notebook?.hear(detail.offset);
      }
    } catch (error) {
      this.problem = asProblem(error);
    }
    this.tell();
  }

  /** Find the step to look at, and its notebook. */
  private look(): void {
    const graph = this.detail?.graph ?? [];
    const running = this.follows ? graph.find(step => step.state === 'RUNNING')?.name : undefined;
    const wished = graph.find(step => step.name === this.wish)?.name;
    const name = running ?? wished ?? this.step?.name ?? firstStep(graph);
    this.step = graph.find(step => step.name === name) ?? null;
    if (running !== undefined) {
      this.wish = running;
    }
    if (this.step !== null && this.notebook?.step !== this.step.name) {
      this.notebook?.dispose();
      this.notebook = new NotebookModel(this.client, this.id, this.step.name);
    }
  }

  private wish: string | null = null;
  private askedAt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
}
