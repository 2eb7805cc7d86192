import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { problemAt } from '../api/problem';
import type { Change, Finding, Problem, RunRow, Source, Submission, Target } from '../api/schema';
import type { IDocument, IRemembered } from './document';
import { SubmitModel, type Server } from './model';
import { blockers, otherProblems, problemsOf } from './state';

const trans = nullTranslator.load('aiinfra');

const source = {
  path: 'train.ipynb',
  kind: 'notebook',
  name: 'train',
  problem: null,
  parameters_cell: 2,
  schema: {
    properties: {
      flights: { type: 'string', 'x-artifact': 'Dataset', default: 'data.csv' },
      month: { type: 'integer', minimum: 1, maximum: 12, default: 1 }
    },
    required: []
  },
  inputs: [{ name: 'flights', artifact: 'Dataset', path: 'data.csv', description: '' }],
  candidates: [],
  last: null,
  pipelines: [],
  seconds: 40
} as unknown as Source;

const target = {
  name: 'local',
  kind: 'local',
  health: 'healthy',
  capabilities: { cancel: true },
  resources: [],
  gpus: []
} as unknown as Target;

const row = (id: string, state: RunRow['state'] = 'PENDING', path = 'train.ipynb'): RunRow =>
  ({ id, state, source_path: path, target: 'local', metrics: {} }) as unknown as RunRow;

const problem = (message: string, field: string | null = null, type = 'ArgumentError'): Problem => ({
  type,
  code: null,
  message,
  remedy: null,
  where: { file: null, cell: null, line: null, field }
});

class FakeDocument implements IDocument {
  path = 'train.ipynb';
  dirty = false;
  text = 'month: int = 1';
  remembered: IRemembered | null = null;
  refuses: Error | null = null;
  readonly edited = new Signal<this, void>(this);
  readonly saved = new Signal<this, void>(this);
  readonly pathChanged = new Signal<this, string>(this);
  readonly closed = new Signal<this, void>(this);
  readonly isDisposed = false;

  content = (): object | null => (this.dirty ? { text: this.text } : null);
  interfaceText = (): string => this.text;
  recall = (): Promise<IRemembered | null> => Promise.resolve(this.remembered);
  goTo = (): Promise<void> => Promise.resolve();
  extract(): void {}
  dispose(): void {}

  save(remembered: IRemembered): Promise<void> {
    if (this.refuses) {
      return Promise.reject(this.refuses);
    }
    this.remembered = remembered;
    this.dirty = false;
    this.saved.emit();
    return Promise.resolve();
  }
}

describe('the submit panel', () => {
  let document: FakeDocument;
  let model: SubmitModel;
  let submitted: Submission[];
  let previewed: Submission[];
  let problems: Problem[];
  let findings: Finding[];
  let checked: (object | null)[];
  let given: Source;
  let following: boolean;
  let asked: (object | null)[];
  let submit: () => Promise<RunRow>;
  const changed = new Signal<object, Change>({});
  const reset = new Signal<object, void>({});

  beforeEach(() => {
    vi.useFakeTimers();
    document = new FakeDocument();
    [submitted, previewed, problems, findings, checked, asked] = [[], [], [], [], [], []];
    given = source;
    following = true;
    submit = () => Promise.resolve(row('42'));
    const server = {
      source: (_path: string, _pipeline: string | null, content: object | null) => {
        asked.push(content);
        return Promise.resolve(given);
      },
      targets: () => Promise.resolve({ targets: [target] }),
      check: (_path: string, _pipeline: string | null, content: object | null) => {
        checked.push(content);
        return Promise.resolve({ findings });
      },
      data: (_path: string, input: string, file?: string) =>
        Promise.resolve({ input, path: file ?? 'data.csv', state: 'clean', md5: 'aa', versions: [] }),
      preview: (submission: Submission) => {
        previewed.push(submission);
        return Promise.resolve({ problems, notes: [], runs: 1, seconds: 40, cost: null });
      },
      submit: (submission: Submission) => {
        submitted.push(submission);
        return submit();
      },
      runs: () =>
        Promise.resolve({
          runs: [row('9', 'RUNNING'), row('8', 'FAILED'), row('7', 'RUNNING', 'other.ipynb')]
        }),
      run: (id: string) => Promise.resolve(row(id, 'SUCCEEDED')),
      cancel: (id: string) => Promise.resolve(row(id, 'CANCELING'))
    } as unknown as Server;
    const live = { changed, reset } as unknown as ConstructorParameters<typeof SubmitModel>[0]['live'];
    model = new SubmitModel({ server, live, trans, document, checkWhileEditing: () => following });
  });

  afterEach(() => {
    model.dispose();
    vi.useRealTimers();
  });

  const write = (text: string): void => {
    model.setDraft('month', { kind: 'text', text });
  };
  const ids = (): string[] => model.state.runs.map(run => run.id);

  it('asks what a submission would do once the typing pauses, and not while the form has errors', async () => {
    await model.load();
    previewed = [];
    write('1');
    write('12');
    write('123');
    await vi.advanceTimersByTimeAsync(300);
    expect(previewed).toEqual([]);
    expect(blockers(model.state, trans)).toEqual(['Mend first: month']);
    write('12');
    await vi.advanceTimersByTimeAsync(299);
    expect(previewed).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(previewed.map(submission => submission.arguments)).toEqual([{ month: 12 }]);
    expect(blockers(model.state, trans)).toEqual([]);
  });

  it('submits what is chosen, after it was saved with the notebook', async () => {
    await model.load();
    write('5');
    model.setVersion('flights', 'bb');
    const order: string[] = [];
    document.saved.connect(() => order.push('saved'));
    submit = () => {
      order.push('submitted');
      return Promise.resolve(row('42'));
    };
    await model.submit();
    expect(order).toEqual(['saved', 'submitted']);
    const choices = { arguments: { month: 5 }, versions: { flights: 'bb' }, target: 'local' };
    expect(submitted).toMatchObject([{ ...choices, path: 'train.ipynb', pipeline: null }]);
    expect(document.remembered?.choices).toMatchObject(choices);
    expect(ids()).toEqual(['42', '9']);
  });

  it('starts one run, however often the button is pressed meanwhile', async () => {
    await model.load();
    await Promise.all([model.submit(), model.submit(), model.submit()]);
    expect(submitted).toHaveLength(1);
    await model.submit();
    expect(submitted).toHaveLength(2);
  });

  it('starts none when the notebook could not be saved, and says so', async () => {
    await model.load();
    document.refuses = problemAt({}, 'train.ipynb couldn’t be saved');
    await model.submit();
    expect(submitted).toEqual([]);
    expect(model.state).toMatchObject({
      submitting: false,
      actionProblem: { message: 'train.ipynb couldn’t be saved' }
    });
  });

  it('shows why the server refused, and lets it be tried again', async () => {
    await model.load();
    submit = () => Promise.reject(problemAt({}, 'the disk is full', 'make room'));
    await model.submit();
    expect(model.state.actionProblem).toMatchObject({ message: 'the disk is full', remedy: 'make room' });
    submit = () => Promise.resolve(row('43'));
    await model.submit();
    expect(model.state.actionProblem).toBeNull();
    expect(ids()).toContain('43');
  });

  it('shows the runs of this notebook as they go on, newest first, wherever they were started', async () => {
    await model.load();
    expect(ids()).toEqual(['9']);
    const tell = (run: RunRow): void => {
      changed.emit({ run, epoch: 'e', seq: 1, offset: 0 });
    };
    tell(row('10', 'RUNNING'));
    tell(row('11', 'RUNNING', 'other.ipynb'));
    tell(row('9', 'SUCCEEDED'));
    expect(model.state.runs.map(run => [run.id, run.state])).toEqual([
      ['10', 'RUNNING'],
      ['9', 'SUCCEEDED']
    ]);
    reset.emit();
    await vi.advanceTimersByTimeAsync(0);
    expect(model.state.runs.map(run => run.state)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
  });

  it('a change that was told before the answer came is not undone by it', async () => {
    await model.load();
    submit = () => {
      changed.emit({ run: row('42', 'RUNNING'), epoch: 'e', seq: 1, offset: 0 });
      return Promise.resolve(row('42', 'PENDING'));
    };
    await model.submit();
    expect(model.state.runs[0]).toMatchObject({ id: '42', state: 'RUNNING' });
  });

  it('errors of the checks keep it from being submitted, warnings do not', async () => {
    const where = { file: null, cell: 3, line: 1, field: null };
    const finding: Finding = { level: 'warning', code: 'W', message: 'slow', remedy: '', where };
    findings = [finding];
    await model.load();
    expect(blockers(model.state, trans)).toEqual([]);
    findings = [finding, { ...finding, level: 'error' }];
    await model.check();
    expect(blockers(model.state, trans)).toEqual(['1 check fails']);
    await model.submit();
    expect(submitted).toEqual([]);
  });

  it('checks what is in the editor after a pause, unless that was switched off', async () => {
    await model.load();
    checked = [];
    document.dirty = true;
    document.edited.emit();
    await vi.advanceTimersByTimeAsync(799);
    expect(checked).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(checked).toEqual([{ text: document.text }]);
    following = false;
    document.edited.emit();
    await vi.advanceTimersByTimeAsync(2000);
    expect(checked).toHaveLength(1);
  });

  it('follows the parameters cell in the editor, and keeps what was entered', async () => {
    await model.load();
    write('7');
    document.dirty = true;
    document.text = 'month: int = 1\nrate: float = 0.1';
    const rate = { type: 'number', default: 0.1 };
    const { properties } = source.schema as { properties: object };
    given = { ...source, schema: { properties: { ...properties, rate } } };
    document.edited.emit();
    await vi.advanceTimersByTimeAsync(800);
    expect(asked.at(-1)).toEqual({ text: document.text });
    expect(model.state.form.fields.map(field => field.name)).toEqual(['month', 'rate']);
    expect(model.state.form.drafts).toEqual({ month: { kind: 'text', text: '7' } });
    expect(model.state.preview).toBeNull();
    await model.submit();
    expect(submitted).toMatchObject([{ arguments: { month: 7 } }]);
  });

  it('puts the problems of the server beside their fields, and leaves findings to the checks', async () => {
    problems = [problem('no such month', 'month'), problem('full'), problem('cell 3', null, 'Finding')];
    await model.load();
    expect(problemsOf(model.state, 'month').map(({ message }) => message)).toEqual(['no such month']);
    expect(otherProblems(model.state).map(({ message }) => message)).toEqual(['full']);
    expect(blockers(model.state, trans)).toEqual(['no such month', 'full']);
  });

  it('begins with the choices of last time, and with those it is given before them', async () => {
    const last = { arguments: { month: 4, flights: 'b.csv' }, versions: {}, target: 'gone' };
    const resources = { cpu: '2', memory: null, accelerator: null, accelerator_count: null };
    given = { ...source, last: { ...last, resources } };
    await model.load();
    expect(model.state).toMatchObject({ target: 'local', resources: { cpu: '2' } });
    expect(model.state.inputs.flights).toMatchObject({ path: 'b.csv', data: { path: 'b.csv' } });
    await model.submit();
    expect(submitted[0]?.arguments).toEqual({ month: 4, flights: 'b.csv' });
    await model.load({ ...last, arguments: { month: 6, year: 2024 }, resources });
    expect(model.state.forgotten).toEqual(['year']);
    await model.submit();
    expect(submitted[1]?.arguments).toEqual({ month: 6 });
  });

  it('wants a pipeline to be chosen when a file has several', async () => {
    given = { ...source, kind: 'pipeline', pipelines: ['one', 'two'], problem: problem('choose one') };
    await model.load();
    expect(blockers(model.state, trans)).toEqual(['Choose a pipeline']);
    given = { ...given, problem: null };
    await model.setPipeline('two');
    expect(blockers(model.state, trans)).toEqual([]);
    await model.submit();
    expect(submitted).toMatchObject([{ pipeline: 'two' }]);
  });
});
