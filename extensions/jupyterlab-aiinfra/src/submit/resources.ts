/** Amounts as Kubernetes writes them, and as a person types them: memory without a unit is in GiB. */

const CPU = /^(\d+(\.\d+)?|\.\d+|\d+m)$/;
const MEMORY = /^(\d+(\.\d+)?)\s*(?:(Ki|Mi|Gi|Ti|k|M|G|T)B?)?$/;

/** What `typed` asks for, as it is sent; null for nothing; `undefined` when it is no amount. */
export function amountOf(name: 'cpu' | 'memory', typed: string): string | null | undefined {
  const bare = typed.trim();
  if (!bare) {
    return null;
  }
  if (name === 'cpu') {
    return CPU.test(bare) && Number.parseFloat(bare) > 0 ? bare : undefined;
  }
  const found = MEMORY.exec(bare);
  return found && Number(found[1]) > 0 ? `${found[1] ?? ''}${found[3] ?? 'Gi'}` : undefined;
}

/** An amount of memory as it is shown beside the unit GiB. */
export const typedOf = (name: 'cpu' | 'memory', sent: string | null): string =>
  sent === null ? '' : name === 'memory' ? sent.replace(/^([\d.]+)Gi$/, '$1') : sent;
