import type { JSX } from 'react';
import type { TranslationBundle } from '@jupyterlab/translation';
import { addIcon, closeIcon } from '@jupyterlab/ui-components';

import { ANY, type IType } from './schema';
import { blank, type Draft, type Errors } from './values';

export interface IDraftEditorProps {
  readonly id: string;
  /** What it is, for those who don't see where it stands. */
  readonly label: string;
  readonly type: IType;
  readonly draft: Draft;
  readonly errors: Errors;
  readonly describedBy: string | undefined;
  readonly onChange: (draft: Draft) => void;
  readonly trans: TranslationBundle;
}

const errorId = (id: string): string => `${id}-error`;

const described = (props: IDraftEditorProps, wrong: boolean): string | undefined =>
  [props.describedBy, wrong ? errorId(props.id) : undefined].filter(Boolean).join(' ') || undefined;

/** Edits one value, whatever its type, with its error beside it. */
export function DraftEditor(props: IDraftEditorProps): JSX.Element {
  const { id, type, draft, errors, trans } = props;
  const error = errors[''];
  return (
    <div className="jp-aiinfra-draft">
      {type.optional && type.kind !== 'any' && !type.choices && <NoneBox {...props} />}
      {draft.kind === 'none' && !type.choices ? null : <Control {...props} />}
      {error !== undefined && (
        <p className="jp-aiinfra-error" id={errorId(id)}>
          <span aria-hidden="true">✗</span> <span className="jp-aiinfra-hidden">{trans.__('Error:')}</span>{' '}
          {error}
        </p>
      )}
    </div>
  );
}

/** Whether it is None, beside the editor of what it is otherwise. */
function NoneBox({ label, type, draft, onChange, trans }: IDraftEditorProps): JSX.Element {
  return (
    <label className="jp-aiinfra-none">
      <input
        type="checkbox"
        aria-label={trans.__('%1 is None', label)}
        checked={draft.kind === 'none'}
        onChange={event => {
          onChange(event.target.checked ? { kind: 'none' } : blank(type));
        }}
      />
      <code>None</code>
    </label>
  );
}

function Control(props: IDraftEditorProps): JSX.Element {
  const { type, draft } = props;
  if (type.choices) {
    return <ChoiceControl {...props} choices={type.choices} />;
  }
  switch (draft.kind) {
    case 'flag':
      return <FlagControl {...props} on={draft.on} />;
    case 'list':
      return <ListControl {...props} items={draft.items} />;
    case 'dict':
      return <DictControl {...props} pairs={draft.pairs} />;
    case 'text':
      return <TextControl {...props} text={draft.text} />;
    case 'none':
    case 'choice':
      return <TextControl {...props} text="" />;
  }
}

function TextControl(props: IDraftEditorProps & { readonly text: string }): JSX.Element {
  const { id, label, type, text, errors, onChange } = props;
  const wrong = '' in errors;
  const shared = {
    id,
    'aria-label': label,
    'aria-invalid': wrong,
    'aria-describedby': described(props, wrong),
    className: 'jp-mod-styled',
    spellCheck: false,
    value: text,
    onChange: (event: { readonly target: { readonly value: string } }) => {
      onChange({ kind: 'text', text: event.target.value });
    }
  };
  if (text.includes('\n')) {
    return <textarea {...shared} rows={Math.min(8, text.split('\n').length + 1)} />;
  }
  const mode = type.kind === 'int' ? 'numeric' : type.kind === 'float' ? 'decimal' : 'text';
  return <input {...shared} type="text" inputMode={mode} autoComplete="off" />;
}

function FlagControl(props: IDraftEditorProps & { readonly on: boolean }): JSX.Element {
  const { id, label, on, onChange, trans } = props;
  return (
    <span className="jp-aiinfra-switch">
      <input
        id={id}
        type="checkbox"
        role="switch"
        aria-label={label}
        aria-describedby={props.describedBy}
        checked={on}
        onChange={event => {
          onChange({ kind: 'flag', on: event.target.checked });
        }}
      />
      <span aria-hidden="true">{on ? trans.__('on') : trans.__('off')}</span>
    </span>
  );
}

function ChoiceControl(props: IDraftEditorProps & { readonly choices: readonly unknown[] }): JSX.Element {
  const { id, label, type, draft, choices, errors, onChange } = props;
  const wrong = '' in errors;
  const value = draft.kind === 'choice' ? String(draft.index) : draft.kind === 'none' ? 'none' : '';
  return (
    <select
      id={id}
      className="jp-mod-styled"
      aria-label={label}
      aria-invalid={wrong}
      aria-describedby={described(props, wrong)}
      value={value}
      onChange={({ target }) => {
        onChange(
          target.value === 'none' ? { kind: 'none' } : { kind: 'choice', index: Number(target.value) }
        );
      }}
    >
      {value === '' && <option value="" />}
      {type.optional && <option value="none">None</option>}
      {choices.map((choice, index) => (
        <option key={JSON.stringify(choice)} value={index}>
          {typeof choice === 'string' ? choice : JSON.stringify(choice)}
        </option>
      ))}
    </select>
  );
}

/** The errors within one item. */
const inside = (errors: Errors, index: number): Errors =>
  Object.fromEntries(
    Object.entries(errors).flatMap(([place, message]) => {
      const [head, ...rest] = place.split('/');
      return head === String(index) ? [[rest.join('/'), message]] : [];
    })
  );

const replaced = <T,>(items: readonly T[], index: number, item: T): T[] =>
  items.map((other, at) => (at === index ? item : other));

const removed = <T,>(items: readonly T[], index: number): T[] => items.filter((_, at) => at !== index);

function SmallButton(props: {
  readonly label: string;
  readonly icon: typeof addIcon;
  readonly onClick: () => void;
}): JSX.Element {
  const { label, icon, onClick } = props;
  return (
    <button
      type="button"
      className="jp-aiinfra-small-button"
      title={label}
      aria-label={label}
      onClick={onClick}
    >
      <icon.react tag="span" width="12px" height="12px" />
    </button>
  );
}

type ListProps = IDraftEditorProps & { readonly items: readonly Draft[] };

function ListControl({ items, ...props }: ListProps): JSX.Element {
  const { id, label, type, errors, onChange, trans } = props;
  const item = type.item ?? ANY;
  const set = (changed: readonly Draft[]): void => {
    onChange({ kind: 'list', items: changed });
  };
  return (
    <div
      className="jp-aiinfra-list"
      id={id}
      role="group"
      aria-label={label}
      aria-describedby={props.describedBy}
    >
      {items.map((draft, index) => (
        <div className="jp-aiinfra-item" key={index}>
          <DraftEditor
            {...props}
            id={`${id}-${index}`}
            label={trans.__('%1, item %2', label, index + 1)}
            type={item}
            draft={draft}
            errors={inside(errors, index)}
            onChange={changed => {
              set(replaced(items, index, changed));
            }}
          />
          <SmallButton
            label={trans.__('Remove item %1 of %2', index + 1, label)}
            icon={closeIcon}
            onClick={() => {
              set(removed(items, index));
            }}
          />
        </div>
      ))}
      <SmallButton
        label={trans.__('Add an item to %1', label)}
        icon={addIcon}
        onClick={() => {
          set([...items, blank(item)]);
        }}
      />
    </div>
  );
}

type DictProps = IDraftEditorProps & {
  readonly pairs: readonly { readonly key: string; readonly value: Draft }[];
};

function DictControl({ pairs, ...props }: DictProps): JSX.Element {
  const { id, label, type, errors, onChange, trans } = props;
  const item = type.item ?? ANY;
  const set = (changed: DictProps['pairs']): void => {
    onChange({ kind: 'dict', pairs: changed });
  };
  return (
    <div
      className="jp-aiinfra-dict"
      id={id}
      role="group"
      aria-label={label}
      aria-describedby={props.describedBy}
    >
      {pairs.map((pair, index) => (
        <div className="jp-aiinfra-item" key={index}>
          <input
            type="text"
            className="jp-mod-styled jp-aiinfra-key"
            aria-label={trans.__('%1, key %2', label, index + 1)}
            value={pair.key}
            onChange={({ target }) => {
              set(replaced(pairs, index, { ...pair, key: target.value }));
            }}
          />
          <DraftEditor
            {...props}
            id={`${id}-${index}`}
            label={trans.__('%1, value of %2', label, pair.key)}
            type={item}
            draft={pair.value}
            errors={inside(errors, index)}
            onChange={value => {
              set(replaced(pairs, index, { ...pair, value }));
            }}
          />
          <SmallButton
            label={trans.__('Remove %1 from %2', pair.key, label)}
            icon={closeIcon}
            onClick={() => {
              set(removed(pairs, index));
            }}
          />
        </div>
      ))}
      <SmallButton
        label={trans.__('Add an entry to %1', label)}
        icon={addIcon}
        onClick={() => {
          set([...pairs, { key: '', value: blank(item) }]);
        }}
      />
    </div>
  );
}
