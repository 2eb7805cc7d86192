import { useCallback, useEffect, useState, type JSX } from 'react';
import { ServerConnection } from '@jupyterlab/services';
import { html5Icon, ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';

import { asProblem, ProblemError } from '../api/problem';
import { ProblemView } from '../common/ProblemView';
import type { IAiinfra } from '../core/tokens';

/** Where a page is. */
export type PagePlace = Readonly<Record<'id' | 'step' | 'file', string> & Partial<Record<'title', string>>>;

/** Is it there? A frame doesn't tell. Throws a `ProblemError`. */
async function look({ client, trans }: IAiinfra, { id, step, file }: PagePlace): Promise<void> {
  const init = { method: 'HEAD' };
  const { ok, status } = await ServerConnection.makeRequest(
    client.fileUrl(id, step, file),
    init,
    client.settings
  );
  if (!ok) {
    const message =
      status === 404
        ? trans.__('The step %1 of run %2 has no file %3, or has it no longer.', step, id, file)
        : trans.__('The server does not give %1 (status %2).', file, status);
    const where = { file, cell: null, line: null, field: null };
    throw new ProblemError({ type: 'NotFound', code: null, message, where, remedy: null }, status);
  }
}

/** A page that a notebook wrote: anyone may have written it, so it runs without an origin, and reaches nothing. */
function Page(props: {
  readonly aiinfra: IAiinfra;
  readonly place: PagePlace;
  readonly title: string;
}): JSX.Element {
  const { aiinfra, place, title } = props;
  const { client, trans } = aiinfra;
  const [state, setState] = useState<'looking' | 'loading' | 'there' | ProblemError>('looking');
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    let wanted = true;
    look(aiinfra, place).then(
      () => {
        if (wanted) {
          setState('loading');
        }
      },
      (error: unknown) => {
        if (wanted) {
          setState(asProblem(error));
        }
      }
    );
    return () => {
      wanted = false;
    };
  }, [aiinfra, place, attempt]);

  const retry = useCallback(() => {
    setState('looking');
    setAttempt(before => before + 1);
  }, []);
  const url = client.fileUrl(place.id, place.step, place.file);

  return (
    <>
      <div className="jp-aiinfra-view-head">
        <h2>{title}</h2>
        <a className="jp-aiinfra-link" href={client.fileUrl(place.id, place.step, place.file, true)} download>
          {trans.__('Download')}
        </a>
        <a className="jp-aiinfra-link" href={url} target="_blank" rel="noopener noreferrer">
          {trans.__('Open in a new tab')}
        </a>
      </div>
      {(state === 'looking' || state === 'loading') && <p role="status">{trans.__('Loading…')}</p>}
      {state instanceof ProblemError ? (
        <ProblemView error={state} trans={trans} retry={retry} />
      ) : (
        state !== 'looking' && (
          <iframe
            src={url}
            title={title}
            sandbox="allow-scripts"
            referrerPolicy="no-referrer"
            onLoad={() => {
              setState('there');
            }}
          />
        )
      )}
    </>
  );
}

/** A page that a step wrote, in the main area. */
export class PageWidget extends ReactWidget {
  constructor(
    private readonly aiinfra: IAiinfra,
    readonly place: PagePlace
  ) {
    super();
    this.addClass('jp-aiinfra-view');
    this.addClass('jp-aiinfra-frame');
    this.node.tabIndex = -1;
    this.title.label = this.heading;
    this.title.caption = aiinfra.trans.__('%1 of %2, run %3', place.file, place.step, place.id);
    this.title.icon = html5Icon;
  }

  protected override onActivateRequest(msg: Message): void {
    super.onActivateRequest(msg);
    this.node.focus();
  }

  protected override render(): JSX.Element {
    return <Page aiinfra={this.aiinfra} place={this.place} title={this.heading} />;
  }

  private get heading(): string {
    const { id, file, title } = this.place;
    return title ?? this.aiinfra.trans.__('%1 of run %2', file, id);
  }
}
