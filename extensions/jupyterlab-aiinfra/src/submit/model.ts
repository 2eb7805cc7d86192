import type { TranslationBundle } from '@jupyterlab/translation';
import { Debouncer } from '@lumino/polling';

import type { Client } from '../api/client';
import { asProblem } from '../api/problem';
import type { Candidate, Change, Choices, Resources, RunRow, Source } from '../api/schema';
import { Model } from '../common/Model';
import { hasEnded } from '../core/format';
import type { ILive } from '../core/tokens';
import type { IDocument } from './document';
import { readForm, refit, reset, resetAll, setDraft, type IForm } from './form';
import { fieldsOf } from './schema';
import {
  blockers,
  choicesOf,
  chosen,
  initialState,
  NO_INPUT,
  pipelineOf,
  submissionOf,
  type IInputState,
  type ISubmitState
} from './state';
import type { Draft } from './values';

export type Server = Pick<
  Client,
  'source' | 'targets' | 'check' | 'data' | 'addData' | 'preview' | 'submit' | 'runs' | 'run' | 'cancel'
>;

/** Milliseconds of quiet before the server is asked: after a change of the form, and of the notebook. */
const PREVIEW_DELAY = 300;
const CHECK_DELAY = 800;
/** How many runs stay in the panel. */
const RUNS = 5;

export interface ISubmitOptions {
  readonly server: Server;
  readonly live: Pick<ILive, 'changed' | 'reset'>;
  readonly trans: TranslationBundle;
  readonly document: IDocument;
  /** Whether the checks follow what is typed into the notebook. */
  readonly checkWhileEditing: () => boolean;
  /** A run was started here. */
  readonly started?: (run: RunRow) => void;
}

let count = 0;

/** What the submit panel shows of one notebook or pipeline, and what can be done with it. */
export class SubmitModel extends Model {
  constructor(private readonly options: ISubmitOptions) {
    super();
    this._state = initialState(options.document.path);
    this.previewer = new Debouncer(() => this.preview(), PREVIEW_DELAY);
    this.checker = new Debouncer(() => this.follow(), CHECK_DELAY);
    const { document, live } = options;
    document.edited.connect(this.onEdited);
    document.saved.connect(this.onSaved);
    document.pathChanged.connect(this.onPathChanged);
    live.changed.connect(this.onRun);
    live.reset.connect(this.onReset);
  }

  /** Tells the models apart. */
  readonly id = (count += 1);

  get state(): ISubmitState {
    return this._state;
  }

  get document(): IDocument {
    return this.options.document;
  }

  override dispose(): void {
    const { document, live } = this.options;
    document.edited.disconnect(this.onEdited);
    document.saved.disconnect(this.onSaved);
    document.pathChanged.disconnect(this.onPathChanged);
    live.changed.disconnect(this.onRun);
    live.reset.disconnect(this.onReset);
    this.previewer.dispose();
    this.checker.dispose();
    super.dispose();
  }

  /** Load everything. `choices` go before those of last time. */
  async load(choices: Choices | null = null): Promise<void> {
    this.set({ phase: 'loading', problem: null });
    const { server } = this.options;
    try {
      const path = this._state.path;
      this.readText = this.document.interfaceText();
      this.savedText = this.document.dirty ? null : this.readText;
      const recalled = await this.document.recall();
      const pipeline = this._state.pipeline ?? recalled?.pipeline ?? null;
      const asked = [this.source(path, pipeline), server.targets()] as const;
      const [source, { targets }] = await Promise.all(asked);
      this.set({ phase: 'ready', source, targets, pipeline: pipelineOf(source, pipeline) });
      this.choose(choices ?? recalled?.choices ?? source.last);
      await Promise.all([this.preview(), this.check(), this.loadRuns(), this.loadData()]);
    } catch (error) {
      this.set({ phase: 'failed', problem: asProblem(error).problem });
    }
  }

  /** Put choices into the form; null are those of a notebook that was never submitted. */
  choose(choices: Choices | null): void {
    this.set(chosen(this._state, choices));
  }

  // What a person enters

  setDraft(name: string, draft: Draft): void {
    this.enter({ form: setDraft(this._state.form, name, draft) });
  }

  reset(name: string): void {
    this.enter({ form: reset(this._state.form, name) });
  }

  resetAll(): void {
    this.enter({ form: resetAll(this._state.form), forgotten: [] });
  }

  setTarget(target: string): void {
    this.enter({ target });
  }

  setResources(resources: Partial<Resources>): void {
    this.enter({ resources: { ...this._state.resources, ...resources } });
  }

  async setPipeline(pipeline: string): Promise<void> {
    this.set({ pipeline, preview: null, actionProblem: null });
    await this.reload();
  }

  setVersion(input: string, version: string | null): void {
    this.setInput(input, { version });
    this.enter({});
  }

  /** Another file for an input; null is the notebook's own. */
  async setPath(input: string, path: string | null): Promise<void> {
    this.setInput(input, { path, version: null });
    this.enter({});
    await this.loadInput(input);
  }

  private enter(change: Partial<ISubmitState>): void {
    this.set({ ...change, actionProblem: null });
    void this.previewer.invoke().catch(ignore);
  }

  // What the server says

  /** Ask what the submission would do, unless the form itself has errors. */
  async preview(): Promise<void> {
    const { trans, server } = this.options;
    const { form, source } = this._state;
    const asked = (this.previews += 1);
    // The server would look at the file: what isn't saved it doesn't know.
    const unsaved = this.document.interfaceText() !== this.savedText;
    if (!source || source.problem || unsaved || Object.keys(readForm(form, trans).errors).length) {
      this.set({ preview: null });
      return;
    }
    try {
      const preview = await server.preview(submissionOf(this._state, trans));
      if (asked === this.previews) {
        this.set({ preview });
      }
    } catch (error) {
      if (asked === this.previews) {
        this.set({ preview: { problems: [asProblem(error).problem], ...NO_ESTIMATE } });
      }
    }
  }

  /** Look at the notebook as it is in the editor. */
  async check(): Promise<void> {
    const asked = (this.checks += 1);
    this.set({ checking: true });
    try {
      const { findings } = await this.options.server.check(
        this._state.path,
        this._state.pipeline,
        this.document.content()
      );
      if (asked === this.checks) {
        this.set({ findings, checking: false, checkProblem: null });
      }
    } catch (error) {
      if (asked === this.checks) {
        this.set({ findings: null, checking: false, checkProblem: asProblem(error).problem });
      }
    }
  }

  /** After an edit of the notebook: the form follows its parameters cell, and the checks all of it. */
  private async follow(): Promise<void> {
    if (this.document.interfaceText() !== this.readText) {
      await this.reload();
    } else if (this.options.checkWhileEditing()) {
      await this.check();
    }
  }

  private source(path: string, pipeline: string | null): Promise<Source> {
    return this.options.server.source(path, pipeline, this.document.content());
  }

  private async loadData(): Promise<void> {
    await Promise.all(Object.keys(this._state.inputs).map(name => this.loadInput(name)));
  }

  private async loadInput(name: string): Promise<void> {
    const { path } = this._state.inputs[name] ?? NO_INPUT;
    this.setInput(name, { busy: true });
    try {
      const data = await this.options.server.data(this._state.path, name, path ?? undefined);
      if (this._state.inputs[name]?.path === path) {
        this.setInput(name, { data, problem: null, busy: false });
      }
    } catch (error) {
      if (this._state.inputs[name]?.path === path) {
        this.setInput(name, { data: null, problem: asProblem(error).problem, busy: false });
      }
    }
  }

  /** Make what is there now a version, so that a run can name what it read. */
  async addVersion(name: string): Promise<void> {
    this.setInput(name, { busy: true });
    try {
      const data = await this.options.server.addData(this._state.path, name);
      this.setInput(name, { data, problem: null, busy: false });
      this.enter({});
      await this.check();
    } catch (error) {
      this.setInput(name, { problem: asProblem(error).problem, busy: false });
    }
  }

  /** The source again, when it may have changed; what was entered stays. */
  async reload(): Promise<void> {
    const asked = (this.loads += 1);
    this.readText = this.document.interfaceText();
    try {
      const source = await this.source(this._state.path, this._state.pipeline);
      if (asked !== this.loads || this.isDisposed) {
        return;
      }
      const inputs = source.inputs.map(({ name }) => [name, this._state.inputs[name] ?? NO_INPUT] as const);
      const form: IForm = refit(this._state.form, fieldsOf(source.schema));
      const pipeline = pipelineOf(source, this._state.pipeline);
      this.set({ phase: 'ready', problem: null, source, form, pipeline, inputs: Object.fromEntries(inputs) });
      const checked = this.options.checkWhileEditing() || !this.document.dirty ? this.check() : null;
      await Promise.all([this.preview(), checked, this.loadData()]);
    } catch (error) {
      this.set({ actionProblem: asProblem(error).problem });
    }
  }

  // What is done

  /** Save, and start a run. A second call while the first is under way does nothing. */
  async submit(): Promise<void> {
    const { server, trans, started } = this.options;
    if (this._state.submitting || blockers(this._state, trans).length) {
      return;
    }
    const submission = submissionOf(this._state, trans);
    this.set({ submitting: true, actionProblem: null });
    try {
      await this.document.save({
        choices: choicesOf(this._state, trans),
        pipeline: this._state.pipeline
      });
      const run = await server.submit(submission);
      // Its changes may have been told before its answer came: they know more.
      if (!this._state.runs.some(other => other.id === run.id)) {
        this.put(run);
      }
      started?.(run);
    } catch (error) {
      this.set({ actionProblem: asProblem(error).problem });
    } finally {
      this.set({ submitting: false });
    }
  }

  async cancel(run: string): Promise<void> {
    try {
      this.put(await this.options.server.cancel(run));
    } catch (error) {
      this.set({ actionProblem: asProblem(error).problem });
    }
  }

  /** Make a parameters cell of some assignments, in the open notebook. */
  extract(candidates: readonly Candidate[]): void {
    try {
      this.document.extract(candidates);
      this.set({ actionProblem: null });
    } catch (error) {
      this.set({ actionProblem: asProblem(error).problem });
    }
  }

  // Runs

  private async loadRuns(): Promise<void> {
    try {
      const { runs } = await this.options.server.runs({}, null, 20);
      runs.filter(run => run.source_path === this._state.path && !hasEnded(run.state)).forEach(this.put);
    } catch (error) {
      this.set({ actionProblem: asProblem(error).problem });
    }
  }

  private readonly put = (run: RunRow): void => {
    const others = this._state.runs.filter(other => other.id !== run.id);
    const runs = [run, ...others].sort((a, b) => Number(b.id) - Number(a.id));
    this.set({ runs: runs.slice(0, RUNS) });
  };

  private readonly onRun = (_: unknown, { run }: Change): void => {
    if (run.source_path === this._state.path) {
      this.put(run);
    }
  };

  private readonly onReset = (): void => {
    for (const { id } of this._state.runs) {
      void this.options.server.run(id).then(this.put, ignore);
    }
  };

  private readonly onEdited = (): void => {
    void this.checker.invoke().catch(ignore);
  };

  private readonly onSaved = (): void => {
    this.savedText = this.document.interfaceText();
    void this.reload();
  };

  private readonly onPathChanged = (_: unknown, path: string): void => {
    this.set({ path });
    void this.reload();
  };

  private setInput(name: string, change: Partial<IInputState>): void {
    const before = this._state.inputs[name];
    if (before) {
      this.set({ inputs: { ...this._state.inputs, [name]: { ...before, ...change } } });
    }
  }

  private set(change: Partial<ISubmitState>): void {
    this._state = { ...this._state, ...change };
    this.tell();
  }

  private _state: ISubmitState;
  private previews = 0;
  private checks = 0;
  private loads = 0;
  /** The code of the interface that the form shows, and that is in the file; null when that isn't known. */
  private readText = '';
  private savedText: string | null = null;
  private readonly previewer: Debouncer;
  private readonly checker: Debouncer;
}

const NO_ESTIMATE = { notes: [], runs: 1, seconds: null, cost: null };

/** A debounced question that was disposed of. */
const ignore = (_: unknown): void => undefined;
