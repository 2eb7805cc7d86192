import type { TranslationBundle } from '@jupyterlab/translation';

import type {
  Choices,
  DataInfo,
  Finding,
  Preview,
  Problem,
  Resources,
  RunRow,
  Source,
  Submission,
  Target
} from '../api/schema';
import { EMPTY_FORM, fill, readForm, type IForm } from './form';
import { fieldsOf } from './schema';

/** An input of the notebook, and where it takes its data from. */
export interface IInputState {
  /** Another path than the notebook's own; null leaves it. */
  readonly path: string | null;
  /** The md5 of the version to read; null reads what is there. */
  readonly version: string | null;
  readonly data: DataInfo | null;
  readonly problem: Problem | null;
  readonly busy: boolean;
}

export interface ISubmitState {
  readonly path: string;
  readonly phase: 'loading' | 'ready' | 'failed';
  /** Why there is nothing to show. */
  readonly problem: Problem | null;
  readonly source: Source | null;
  readonly form: IForm;
  readonly pipeline: string | null;
  readonly inputs: Readonly<Record<string, IInputState>>;
  readonly targets: readonly Target[];
  readonly target: string;
  readonly resources: Resources;
  /** Values of last time that have no place any more. */
  readonly forgotten: readonly string[];
  readonly findings: readonly Finding[] | null;
  readonly checking: boolean;
  readonly checkProblem: Problem | null;
  readonly preview: Preview | null;
  readonly submitting: boolean;
  /** What kept the last action from being done. */
  readonly actionProblem: Problem | null;
  /** Newest first. */
  readonly runs: readonly RunRow[];
}

export const NO_RESOURCES: Resources = {
  cpu: null,
  memory: null,
  accelerator: null,
  accelerator_count: null
};

export const NO_INPUT: IInputState = {
  path: null,
  version: null,
  data: null,
  problem: null,
  busy: false
};

export const initialState = (path: string): ISubmitState => ({
  path,
  phase: 'loading',
  problem: null,
  source: null,
  form: EMPTY_FORM,
  pipeline: null,
  inputs: {},
  targets: [],
  target: 'local',
  resources: NO_RESOURCES,
  forgotten: [],
  findings: null,
  checking: false,
  checkProblem: null,
  preview: null,
  submitting: false,
  actionProblem: null,
  runs: []
});

/** What is chosen now. */
export function choicesOf(state: ISubmitState, trans: TranslationBundle): Choices {
  const inputs = Object.entries(state.inputs);
  const paths = inputs.flatMap(([name, input]) => (input.path === null ? [] : [[name, input.path] as const]));
  const versions = inputs.flatMap(([name, input]) =>
    input.version === null ? [] : [[name, input.version] as const]
  );
  return {
    arguments: { ...readForm(state.form, trans).values, ...Object.fromEntries(paths) },
    versions: Object.fromEntries(versions),
    target: state.target,
    resources: state.resources
  };
}

export function submissionOf(state: ISubmitState, trans: TranslationBundle): Submission {
  return { ...choicesOf(state, trans), path: state.path, pipeline: state.pipeline };
}

export const targetOf = (state: ISubmitState): Target | null =>
  state.targets.find(target => target.name === state.target) ?? null;

/** What would keep the submission from starting. Findings of the saved notebook are left to the checks, which know the
 * one in the editor.
 */
const problemsNow = (state: ISubmitState): readonly Problem[] =>
  state.preview?.problems.filter(problem => problem.type !== 'Finding') ?? [];

/** The server's problems with a field: of a parameter, an input or a resource. */
export const problemsOf = (state: ISubmitState, field: string): readonly Problem[] =>
  problemsNow(state).filter(problem => problem.where.field === field);

/** The problems that have no field of their own to stand beside. */
export function otherProblems(state: ISubmitState): readonly Problem[] {
  const shown = new Set([
    ...state.form.fields.map(field => field.name),
    ...Object.keys(state.inputs),
    ...(targetOf(state)?.resources.map(resource => `resources.${resource.name}`) ?? []),
    'target'
  ]);
  return problemsNow(state).filter(({ where }) => !shown.has(where.field ?? ''));
}

/** Whether a file has several pipelines, and none of them is chosen. */
export const mustChoose = (state: ISubmitState): boolean =>
  state.pipeline === null && (state.source?.pipelines.length ?? 0) > 1;

/** Why it can't be submitted now; nothing when it can. */
export function blockers(state: ISubmitState, trans: TranslationBundle): readonly string[] {
  if (state.phase === 'loading') {
    return [trans.__('The form is being loaded')];
  }
  if (state.phase === 'failed') {
    return [trans.__('%1 can’t be read', state.path)];
  }
  if (mustChoose(state)) {
    return [trans.__('Choose a pipeline')];
  }
  if (state.source?.problem) {
    return [trans.__('What it takes can’t be read')];
  }
  return [...formBlockers(state, trans), ...serverBlockers(state, trans)];
}

function formBlockers(state: ISubmitState, trans: TranslationBundle): string[] {
  const wrong = Object.keys(readForm(state.form, trans).errors);
  return wrong.length ? [trans.__('Mend first: %1', wrong.join(', '))] : [];
}

function serverBlockers(state: ISubmitState, trans: TranslationBundle): string[] {
  const found: string[] = [];
  const errors = state.findings?.filter(finding => finding.level === 'error').length ?? 0;
  if (errors) {
    found.push(trans._n('%1 check fails', '%1 checks fail', errors));
  }
  const target = targetOf(state);
  if (target?.health === 'unreachable') {
    found.push(trans.__('%1 can’t be reached', target.name));
  }
  return [...found, ...problemsNow(state).map(problem => problem.message)];
}

/** The form with these choices in it; null are those of a notebook that was never submitted. */
export function chosen({ source, targets }: ISubmitState, choices: Choices | null): Partial<ISubmitState> {
  const fields = fieldsOf(source?.schema ?? null);
  const given = choices?.arguments ?? {};
  const names = new Set(source?.inputs.map(input => input.name));
  const plain = Object.entries(given).filter(([name]) => !names.has(name));
  const { form, unknown } = fill({ fields, drafts: {} }, Object.fromEntries(plain));
  const inputs = Object.fromEntries(
    [...names].map(name => {
      const path = given[name];
      const version = choices?.versions[name] ?? null;
      return [name, { ...NO_INPUT, path: typeof path === 'string' ? path : null, version }] as const;
    })
  );
  const known = targets.some(target => target.name === choices?.target);
  return {
    form,
    inputs,
    target: known && choices ? choices.target : (targets[0]?.name ?? 'local'),
    resources: { ...NO_RESOURCES, ...choices?.resources },
    forgotten: [...unknown, ...Object.keys(choices?.versions ?? {}).filter(name => !names.has(name))]
  };
}

/** The one that a file has, or the one that was chosen, if it is still there. */
export function pipelineOf({ pipelines }: Source, chosen: string | null): string | null {
  return pipelines.length === 1 ? (pipelines[0] ?? null) : pipelines.includes(chosen ?? '') ? chosen : null;
}
