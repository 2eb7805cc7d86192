import { useEffect, useState, type JSX } from 'react';
import { Dialog, showDialog } from '@jupyterlab/apputils';
import { ReactWidget } from '@jupyterlab/ui-components';

import { asProblem, type ProblemError } from '../api/problem';
import type { RunRow } from '../api/schema';
import { useNow } from '../common/now';
import { ProblemView } from '../common/ProblemView';
import { StateBadge } from '../common/StateBadge';
import { ago } from '../core/format';
import type { IAiinfra } from '../core/tokens';

const SHOWN = 30;
/** Milliseconds after the last key before the list is asked for. */
const TYPING = 200;

interface IProps {
  readonly aiinfra: IAiinfra;
  readonly language: string;
  readonly without: readonly string[];
  readonly chosen: (ids: readonly string[]) => void;
}

function Runs(props: IProps): JSX.Element {
  const { aiinfra, language, without, chosen } = props;
  const { client, trans } = aiinfra;
  const now = useNow(60);
  const [text, setText] = useState('');
  const [runs, setRuns] = useState<readonly RunRow[] | null>(null);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const [ids, setIds] = useState<readonly string[]>([]);

  useEffect(() => {
    let wanted = true;
    const timer = setTimeout(() => {
      client.runs({ text: text.trim() || null }, null, SHOWN + without.length).then(
        page => {
          if (wanted) {
            setRuns(page.runs);
            setProblem(null);
          }
        },
        (error: unknown) => {
          if (wanted) {
            setProblem(asProblem(error));
          }
        }
      );
    }, TYPING);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [client, text, without]);

  const toggle = (id: string): void => {
    const next = ids.includes(id) ? ids.filter(other => other !== id) : [...ids, id];
    setIds(next);
    chosen(next);
  };
  const offered = (runs ?? []).filter(run => !without.includes(run.id)).slice(0, SHOWN);

  return (
    <div className="jp-aiinfra-choose">
      <input
        type="search"
        className="jp-mod-styled"
        aria-label={trans.__('Find runs')}
        placeholder={trans.__('Number, notebook, …')}
        value={text}
        onChange={event => {
          setText(event.target.value);
        }}
      />
      <p role="status" className="jp-aiinfra-quiet">
        {ids.length > 0
          ? trans.__('Chosen: %1', ids.map(id => trans.__('run %1', id)).join(', '))
          : runs !== null && offered.length === 0
            ? trans.__('No run fits.')
            : trans.__('Choose two runs or more.')}
      </p>
      {problem && <ProblemView error={problem} trans={trans} />}
      <ul>
        {offered.map(run => (
          <li key={run.id}>
            <label>
              <input
                type="checkbox"
                checked={ids.includes(run.id)}
                onChange={() => {
                  toggle(run.id);
                }}
              />
              <span>{trans.__('Run %1', run.id)}</span>
              <span>{run.name}</span>
              <StateBadge state={run.state} trans={trans} />
              <span className="jp-aiinfra-quiet">{ago(run.created, now, language)}</span>
            </label>
          </li>
        ))}
      </ul>
    </div>
  );
}

class Body extends ReactWidget implements Dialog.IBodyWidget<readonly string[]> {
  constructor(private readonly props: Omit<IProps, 'chosen'>) {
    super();
  }

  getValue(): readonly string[] {
    return this.ids;
  }

  protected override render(): JSX.Element {
    return <Runs {...this.props} chosen={this.choose} />;
  }

  private readonly choose = (ids: readonly string[]): void => {
    this.ids = ids;
  };

  private ids: readonly string[] = [];
}

/** Ask for runs, besides those that are there already. Empty when none was chosen. */
export async function chooseRuns(
  aiinfra: IAiinfra,
  language: string,
  without: readonly string[]
): Promise<readonly string[]> {
  const { trans } = aiinfra;
  const { button, value } = await showDialog({
    title: without.length > 0 ? trans.__('Add runs to the comparison') : trans.__('Compare runs'),
    body: new Body({ aiinfra, language, without }),
    focusNodeSelector: 'input[type=search]',
    buttons: [
      Dialog.cancelButton(),
      Dialog.okButton({ label: without.length > 0 ? trans.__('Add') : trans.__('Compare') })
    ]
  });
  return button.accept ? (value ?? []) : [];
}
