import { ServerConnection } from '@jupyterlab/services';

import type { Place, Problem } from './schema';

/** An answer that says what is wrong, where, and how to mend it. */
export class ProblemError extends Error {
  constructor(
    readonly problem: Problem,
    /** The HTTP status; 0 when there was no answer at all. */
    readonly status: number
  ) {
    super(problem.message);
    this.name = problem.type;
  }

  /** Nobody answered: the server is down, or the network is. */
  get unreachable(): boolean {
    return this.status === 0;
  }

  /** The server doesn't know us (any more). */
  get unauthorized(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

const nowhere = { file: null, cell: null, line: null, field: null };

/** The problem in `body`, or one made of the `status` when the answer wasn't ours. */
export function problemOf(body: unknown, status: number): ProblemError {
  if (body !== null && typeof body === 'object' && 'message' in body && typeof body.message === 'string') {
    const given = body as Partial<Problem> & { message: string };
    const problem: Problem = {
      type: given.type ?? 'HTTPError',
      code: given.code ?? null,
      message: given.message,
      where: { ...nowhere, ...given.where },
      remedy: given.remedy ?? null
    };
    return new ProblemError(problem, status);
  }
  return new ProblemError(
    { type: 'HTTPError', code: null, message: `${status}`, where: nowhere, remedy: null },
    status
  );
}

/** A problem that the browser itself finds. */
export function problemAt(
  where: Partial<Place>,
  message: string,
  remedy: string | null = null
): ProblemError {
  return new ProblemError(
    { type: 'LabError', code: null, message, where: { ...nowhere, ...where }, remedy },
    409
  );
}

/** Anything that was thrown, as a problem. */
export function asProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) {
    return error;
  }
  const message = error instanceof Error ? error.message : String(error);
  const status = error instanceof ServerConnection.ResponseError ? error.response.status : 0;
  const type = error instanceof Error ? error.name : 'Error';
  return new ProblemError({ type, code: null, message, where: nowhere, remedy: null }, status);
}
