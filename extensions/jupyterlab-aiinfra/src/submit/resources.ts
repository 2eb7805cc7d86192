/** Amounts as Kubernetes writes them, and as a person types them: memory without a unit is in GiB. */

const CPU = /^(\d+(\.\d+)?|\.\d+|\d+m)$/;
const MEMORY = /^(\d+(\.\d+)?)\s*(Ki|Mi|Gi|Ti|k|M|G|T)?(B)?$/;
const FACTORS: Readonly<Record<string, number>> = {
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12
};

/** What `typed` asks for, as it is sent; null for nothing; `undefined` when it is no amount. */
export function amountOf(name: 'cpu' | 'memory', typed: string): string | null | undefined {
  const bare = typed.trim();
  if (!bare) {
    return null;
  }
  if (name === 'cpu') {
    return CPU.test(bare) && amount(bare) > 0 ? bare : undefined;
  }
  const found = MEMORY.exec(bare);
  return found && Number(found[1]) > 0 ? `${found[1] ?? ''}${found[3] ?? 'Gi'}` : undefined;
}

/** The number of CPUs, or of bytes, that an amount is. */
export function amount(sent: string): number {
  const [, number = '', suffix = ''] = /^([\d.]+)([A-Za-z]*)$/.exec(sent) ?? [];
  return suffix === 'm' ? Number(number) / 1000 : Number(number) * (FACTORS[suffix] ?? 1);
}

/** An amount of memory as it is shown beside the unit GiB. */
export const typedOf = (name: 'cpu' | 'memory', sent: string | null): string =>
  sent === null ? '' : name === 'memory' ? sent.replace(/^([\d.]+)Gi$/, '$1') : sent;
