import { describe, expect, it } from 'vitest';

import { layout, neighbour } from './layout';

const task = (name: string, ...after: string[]): { name: string; after: string[] } => ({ name, after });

const FLIGHTS = [
  task('prepare'),
  task('train', 'prepare'),
  task('evaluate', 'train', 'prepare'),
  task('drift', 'prepare')
];

const place = (graph: ReturnType<typeof layout>, name: string): number[] => {
  const node = graph.nodes.find(found => found.name === name);
  return node ? [node.layer, node.row] : [];
};

describe('the graph of a run', () => {
  it('puts each step to the right of those that it comes after', () => {
    const graph = layout(FLIGHTS);
    expect(['prepare', 'train', 'drift', 'evaluate'].map(name => place(graph, name)[0])).toEqual([
      0, 1, 1, 2
    ]);
    expect([graph.layers, graph.rows]).toEqual([3, 2]);
  });

  it('never puts two steps in one place', () => {
    const wide = Array.from({ length: 100 }, (_, i) =>
      task(`s${i}`, ...(i === 0 ? [] : [`s${Math.floor((i - 1) / 3)}`]))
    );
    const graph = layout(wide);
    expect(new Set(graph.nodes.map(node => `${node.layer},${node.row}`)).size).toBe(100);
    expect(graph.edges).toHaveLength(99);
  });

  it('leaves out an arrow that others say already', () => {
    expect(layout(FLIGHTS).edges).toEqual([
      ['prepare', 'train'],
      ['prepare', 'drift'],
      ['train', 'evaluate']
    ]);
  });

  it('has one place for one step, and none for none', () => {
    expect(layout([task('only')])).toEqual({
      nodes: [{ name: 'only', layer: 0, row: 0 }],
      edges: [],
      layers: 1,
      rows: 1
    });
    expect(layout([])).toEqual({ nodes: [], edges: [], layers: 0, rows: 0 });
  });

  it('ignores a step that is not there', () => {
    expect(layout([task('a', 'gone')]).edges).toEqual([]);
  });
});

describe('arrow keys in the graph', () => {
  const graph = layout(FLIGHTS);

  it('lead along the arrows, and up and down in a layer', () => {
    expect(neighbour(graph, 'prepare', 'ArrowRight')).toBe('train');
    expect(neighbour(graph, 'train', 'ArrowDown')).toBe('drift');
    expect(neighbour(graph, 'drift', 'ArrowUp')).toBe('train');
    expect(neighbour(graph, 'evaluate', 'ArrowLeft')).toBe('train');
  });

  it('stop at the ends', () => {
    expect(neighbour(graph, 'prepare', 'ArrowLeft')).toBe('prepare');
    expect(neighbour(graph, 'evaluate', 'ArrowRight')).toBe('evaluate');
    expect(neighbour(graph, 'train', 'ArrowUp')).toBe('train');
    expect([neighbour(graph, 'train', 'Home'), neighbour(graph, 'train', 'End')]).toEqual([
      'prepare',
      'evaluate'
    ]);
  });
});
