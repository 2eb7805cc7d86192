import { useEffect, useLayoutEffect, useMemo, useRef, useState, type JSX } from 'react';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Client } from '../api/client';
import type { Step } from '../api/schema';
import { ProblemView } from '../common/ProblemView';
import { useSignal } from './hooks';
import { LogModel } from './logModel';
import { PrintedView } from './PrintedView';

/** What the step's cells have printed; follows its end unless one scrolls away. */
export function LogView(props: {
  readonly client: Client;
  readonly run: string;
  readonly step: Step;
  readonly trans: TranslationBundle;
  /** Changes when there may be more. */
  readonly beat: number;
}): JSX.Element {
  const { client, run, step, trans, beat } = props;
  const log = useMemo(() => new LogModel(client, run, step.name), [client, run, step.name]);
  const version = useSignal(log.stateChanged);
  const box = useRef<HTMLDivElement>(null);
  const [follow, setFollow] = useState(true);

  useEffect(() => {
    void log.more();
  }, [log, beat, step.state]);
  useEffect(
    () => () => {
      log.dispose();
    },
    [log]
  );
  useLayoutEffect(() => {
    if (follow && box.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [follow, version]);

  const scrolled = (): void => {
    const node = box.current;
    if (node) {
      setFollow(node.scrollTop + node.clientHeight >= node.scrollHeight - 40);
    }
  };
  return (
    <div
      className="jp-aiinfra-log"
      ref={box}
      role="region"
      aria-label={trans.__('Log of %1', step.name)}
      // What scrolls must be reached by the keyboard.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      onScroll={scrolled}
    >
      {log.problem && <ProblemView error={log.problem} trans={trans} retry={() => void log.more()} />}
      {log.ready && log.text.blocks.length === 0 && (
        <p className="jp-aiinfra-run-empty">{trans.__('Nothing has been printed.')}</p>
      )}
      <PrintedView printed={log.text} trans={trans} />
    </div>
  );
}
