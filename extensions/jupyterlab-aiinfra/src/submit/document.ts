import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

import type { Candidate, Choices, Place } from '../api/schema';

/** What was chosen for a file when it was submitted last. */
export interface IRemembered {
  readonly choices: Choices;
  readonly pipeline: string | null;
}

/** The notebook or pipeline that is submitted, as it is in the Lab. */
export interface IDocument extends IDisposable {
  /** Relative to the server's root. */
  readonly path: string;
  readonly pathChanged: ISignal<IDocument, string>;
  /** Its content was edited. */
  readonly edited: ISignal<IDocument, void>;
  readonly saved: ISignal<IDocument, void>;
  /** It is open no more. */
  readonly closed: ISignal<IDocument, void>;
  /** Whether the editor has what the file has not. */
  readonly dirty: boolean;
  /** The notebook as it is in the editor, when that isn't saved. */
  content(): object | null;
  /** The code that says what it takes; when it has changed, so has the form. */
  interfaceText(): string;
  /** The choices of last time, where the server doesn't find them in the notebook itself. */
  recall(): Promise<IRemembered | null>;
  /** Keep the choices, and save what isn't saved. Rejects with a `ProblemError`. */
  save(remembered: IRemembered): Promise<void>;
  goTo(place: Place): Promise<void>;
  /** Make a parameters cell of these assignments. Throws a `ProblemError` when one isn't there any more. */
  extract(candidates: readonly Candidate[]): void;
}

/** A path without its folders. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
