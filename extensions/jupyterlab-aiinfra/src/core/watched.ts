/** Which runs a person has before their eyes. What shows runs says so, and is asked when it matters. */
export class Watched {
  add(shows: (run: string) => boolean): void {
    this.all.push(shows);
  }

  has(run: string): boolean {
    return this.all.some(shows => shows(run));
  }

  private readonly all: ((run: string) => boolean)[] = [];
}
