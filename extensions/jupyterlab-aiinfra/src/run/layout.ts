import type { Step } from '../api/schema';

/** Where a step stands: its layer from the left, its place from the top. */
export interface INode {
  readonly name: string;
  readonly layer: number;
  readonly row: number;
}

export interface IGraph {
  readonly nodes: readonly INode[];
  /** From one step to one that comes after it. Arrows that say nothing new (a→c beside a→b→c) are left out. */
  readonly edges: readonly (readonly [from: string, to: string])[];
  readonly layers: number;
  readonly rows: number;
}

type Task = Pick<Step, 'name' | 'after'>;

/** The longest way to each step. A step in a circle, which no run has, counts as a first one. */
function layersOf(tasks: readonly Task[]): Map<string, number> {
  const byName = new Map(tasks.map(task => [task.name, task]));
  const layers = new Map<string, number>();
  const under = new Set<string>();
  const layer = (name: string): number => {
    const known = layers.get(name);
    const task = byName.get(name);
    if (known !== undefined || task === undefined || under.has(name)) {
      return known ?? -1;
    }
    under.add(name);
    const found = 1 + Math.max(-1, ...task.after.map(layer));
    under.delete(name);
    layers.set(name, found);
    return found;
  };
  tasks.forEach(task => layer(task.name));
  return layers;
}

/** All that comes before each step, directly or not. */
function ancestorsOf(ordered: readonly Task[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const task of ordered) {
    const all = new Set<string>(task.after);
    task.after.forEach(name => found.get(name)?.forEach(earlier => all.add(earlier)));
    found.set(task.name, all);
  }
  return found;
}

/** Places for the steps of a run: what comes after stands to the right, near what it comes after. */
export function layout(tasks: readonly Task[]): IGraph {
  const layers = layersOf(tasks);
  const layerOf = (task: Task): number => layers.get(task.name) ?? 0;
  const ordered = [...tasks].sort((a, b) => layerOf(a) - layerOf(b));
  const count = Math.max(0, ...layers.values()) + (tasks.length > 0 ? 1 : 0);
  const rows = new Map<string, number>();
  const nodes: INode[] = [];
  for (let layer = 0; layer < count; layer++) {
    const wish = (task: Task): number => {
      const above = task.after.map(name => rows.get(name)).filter(row => row !== undefined);
      return above.length > 0 ? above.reduce((sum, row) => sum + row, 0) / above.length : 0;
    };
    const here = ordered.filter(task => layerOf(task) === layer).map(task => ({ task, wish: wish(task) }));
    here.sort((a, b) => a.wish - b.wish);
    let free = 0;
    for (const { task, wish } of here) {
      const row = Math.max(free, Math.round(wish - (here.length - 1) / 2));
      free = row + 1;
      rows.set(task.name, row);
      nodes.push({ name: task.name, layer, row });
    }
  }
  const ancestors = ancestorsOf(ordered);
  const edges = ordered.flatMap(task =>
    task.after
      .filter(name => layers.has(name) && !task.after.some(other => ancestors.get(other)?.has(name)))
      .map(name => [name, task.name] as const)
  );
  return { nodes, edges, layers: count, rows: Math.max(0, ...[...rows.values()].map(row => row + 1)) };
}

export type Direction = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown' | 'Home' | 'End';

/** Where a key leads from the step `from`; itself where there is nothing in that direction. */
export function neighbour(graph: IGraph, from: string, key: string): string {
  const here = graph.nodes.find(node => node.name === from);
  if (here === undefined) {
    return graph.nodes[0]?.name ?? from;
  }
  const sideways = key === 'ArrowLeft' ? -1 : key === 'ArrowRight' ? 1 : 0;
  const upright = key === 'ArrowUp' ? -1 : key === 'ArrowDown' ? 1 : 0;
  if (key === 'Home' || key === 'End') {
    return (key === 'Home' ? graph.nodes[0] : graph.nodes[graph.nodes.length - 1])?.name ?? from;
  }
  const linked = new Set(graph.edges.filter(edge => edge.includes(from)).flat());
  const found = graph.nodes
    .filter(node =>
      sideways !== 0
        ? node.layer === here.layer + sideways
        : upright !== 0 && node.layer === here.layer && (node.row - here.row) * upright > 0
    )
    .map(node => ({ node, far: Math.abs(node.row - here.row) + (linked.has(node.name) ? 0 : 1000) }))
    .sort((a, b) => a.far - b.far)[0];
  return found?.node.name ?? from;
}
