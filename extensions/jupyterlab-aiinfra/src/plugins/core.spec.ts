import { describe, expect, it } from 'vitest';

import plugins from '../index';

describe('the extension', () => {
  it('gives each plugin a name of its own, under the name of the package', () => {
    const ids = plugins.map(plugin => plugin.id);
    expect(ids).toContain('jupyterlab-aiinfra:core');
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter(id => !id.startsWith('jupyterlab-aiinfra:'))).toEqual([]);
  });
});
