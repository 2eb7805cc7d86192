import { useState, type JSX } from 'react';
import type { TranslationBundle } from '@jupyterlab/translation';

/** Things of one list that are drawn before one asks for more. */
const PART = 200;

const isPlain = (value: unknown): boolean => value === null || typeof value !== 'object';

/** How a plain value is written: as JSON; `undefined`, which JSON lacks, as nothing. */
export const written = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value));

function Branch(props: {
  readonly name: string;
  readonly value: object;
  readonly open: boolean;
  readonly trans: TranslationBundle;
}): JSX.Element {
  const { name, value, trans } = props;
  const [open, setOpen] = useState(props.open);
  const [shown, setShown] = useState(PART);
  const entries = Object.entries(value);
  const size = Array.isArray(value)
    ? trans._n('%1 item', '%1 items', entries.length)
    : trans._n('%1 field', '%1 fields', entries.length);
  return (
    <details
      open={open}
      onToggle={event => {
        setOpen(event.currentTarget.open);
      }}
    >
      <summary>
        {name} <span className="jp-aiinfra-tree-size">{size}</span>
      </summary>
      {open && <Entries entries={entries.slice(0, shown)} trans={trans} />}
      {open && entries.length > shown && (
        <button
          type="button"
          className="jp-aiinfra-link"
          onClick={() => {
            setShown(shown + 10 * PART);
          }}
        >
          {trans.__('Show more')}
        </button>
      )}
    </details>
  );
}

function Entries(props: {
  readonly entries: readonly (readonly [string, unknown])[];
  readonly trans: TranslationBundle;
}): JSX.Element {
  return (
    <ul>
      {props.entries.map(([name, value]) => (
        <li key={name}>
          {isPlain(value) ? (
            <>
              {name}: <code>{written(value)}</code>
            </>
          ) : (
            <Branch name={name} value={value as object} open={false} trans={props.trans} />
          )}
        </li>
      ))}
    </ul>
  );
}

/** Any JSON object, to be unfolded. */
export function JsonTree(props: { readonly value: object; readonly trans: TranslationBundle }): JSX.Element {
  return (
    <div className="jp-aiinfra-tree">
      <Entries entries={Object.entries(props.value)} trans={props.trans} />
    </div>
  );
}
