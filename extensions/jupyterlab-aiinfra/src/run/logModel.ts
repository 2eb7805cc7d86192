import type { Client } from '../api/client';
import { asProblem, type ProblemError } from '../api/problem';
import { Model } from '../common/Model';
import { Printed } from './printed';

/** Lines of a log that are kept here; the file has all of them. */
const KEPT = 50_000;

/** Milliseconds from one question to the next one. */
const PACE = 250;

/** The log of a step: all of it at first, then what is added. */
export class LogModel extends Model {
  constructor(
    private readonly client: Pick<Client, 'log'>,
    private readonly run: string,
    private readonly step: string
  ) {
    super();
  }

  readonly text = new Printed(KEPT, KEPT * 200);
  problem: ProblemError | null = null;
  ready = false;

  /** Ask for what was added. Who asks while an answer is awaited has it asked once more. */
  async more(): Promise<void> {
    this.again = true;
    if (this.asking) {
      return;
    }
    this.asking = true;
    while (this.goesOn()) {
      this.again = false;
      await this.ask();
      await new Promise(done => setTimeout(done, this.again ? 0 : PACE));
    }
    this.asking = false;
  }

  private goesOn(): boolean {
    return this.again && !this.isDisposed;
  }

  private async ask(): Promise<void> {
    try {
      const page = await this.client.log(this.run, this.step, this.offset);
      this.again ||= page.more && page.offset > this.offset;
      this.offset = page.offset;
      this.problem = null;
      this.ready = true;
      if (page.text !== '') {
        this.text.add(page.text);
      }
    } catch (error) {
      this.problem = asProblem(error);
    }
    this.tell();
  }

  private offset = 0;
  private asking = false;
  private again = false;
}
