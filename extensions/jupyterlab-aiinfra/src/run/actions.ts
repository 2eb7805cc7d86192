import type { RunDetail, Step } from '../api/schema';

/** What a person can do from the view of a run. What isn't there can't be done here, and has no button. */
export interface IActions {
  readonly cancel?: (run: RunDetail) => void;
  readonly submitAgain?: (run: RunDetail) => void;
  readonly compare?: (run: RunDetail) => void;
  /** `page` is what comes after `#`. */
  readonly openMlflow?: (page: string, title: string) => void;
  readonly openPage?: (step: string, file: string, title: string) => void;
  readonly openTable?: (step: string, output: string, title: string) => void;
  readonly openSource?: (run: RunDetail) => void;
  readonly openCopy: (step: string) => void;
  readonly copyLink: (step: string | null, cell: number | null) => void;
  /** A menu below `button`. */
  readonly download: (run: RunDetail, step: Step, button: HTMLElement) => void;
  /** The address of a file that a step left. */
  readonly fileUrl: (step: string, file: string) => string;
}
