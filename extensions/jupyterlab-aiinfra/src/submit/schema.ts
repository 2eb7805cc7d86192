/** The type of a parameter, as `aiinfra.notebook` writes it in JSON Schema. */
export interface IType {
  readonly kind: 'any' | 'bool' | 'int' | 'float' | 'str' | 'list' | 'dict';
  /** Whether it may be None. */
  readonly optional: boolean;
  /** What one of these must be, those of a `Literal`; None isn't listed. */
  readonly choices: readonly unknown[] | null;
  /** Of a list's items or a dict's values. */
  readonly item: IType | null;
  readonly minimum: number | null;
  readonly maximum: number | null;
}

/** One line of the form. */
export interface IField {
  readonly name: string;
  readonly type: IType;
  readonly description: string;
  readonly required: boolean;
  /** What the notebook gives it; `undefined` when that is no plain value, or nothing. */
  readonly preset: unknown;
  /** The default as source, where only running the notebook can tell its value. */
  readonly expression: string | null;
}

type Json = Readonly<Record<string, unknown>>;

export const ANY: IType = {
  kind: 'any',
  optional: true,
  choices: null,
  item: null,
  minimum: null,
  maximum: null
};

const KINDS: Readonly<Record<string, IType['kind']>> = {
  boolean: 'bool',
  integer: 'int',
  number: 'float',
  string: 'str',
  array: 'list',
  object: 'dict'
};

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** The type that a JSON Schema means. What it can't tell may be anything. */
export function typeOf(schema: unknown): IType {
  if (!isObject(schema)) {
    return ANY;
  }
  const names = Array.isArray(schema.type) ? (schema.type as unknown[]) : [schema.type];
  const kind = names.map(name => KINDS[String(name)]).find(found => found !== undefined) ?? 'any';
  const listed = Array.isArray(schema.enum) ? (schema.enum as unknown[]) : null;
  const item = kind === 'list' ? schema.items : kind === 'dict' ? schema.additionalProperties : undefined;
  return {
    kind,
    optional: names.includes('null') || (listed ? listed.includes(null) : kind === 'any'),
    choices: listed ? listed.filter(choice => choice !== null) : null,
    item: isObject(item) ? typeOf(item) : null,
    minimum: numberOf(schema.minimum),
    maximum: numberOf(schema.maximum)
  };
}

/** Whether a number that JSON brought is no longer the one that was sent. */
export function isInexact(value: unknown): boolean {
  if (typeof value === 'number') {
    return Number.isInteger(value) && !Number.isSafeInteger(value);
  }
  return typeof value === 'object' && value !== null && Object.values(value).some(inner => isInexact(inner));
}

const mayBeInexact = (type: IType, value: unknown): boolean =>
  type.kind !== 'float' && type.item?.kind !== 'float' && isInexact(value);

/** The parameters of an interface, in the order of their cell; its inputs are data, not parameters. */
export function fieldsOf(schema: Json | null): readonly IField[] {
  const properties = isObject(schema?.properties) ? schema.properties : {};
  const required: readonly unknown[] = Array.isArray(schema?.required) ? schema.required : [];
  return Object.entries(properties).flatMap(([name, property]) => {
    if (!isObject(property) || 'x-artifact' in property) {
      return [];
    }
    const type = typeOf(property);
    const inexact = mayBeInexact(type, property.default);
    const expression = typeof property['x-expression'] === 'string' ? property['x-expression'] : null;
    return [
      {
        name,
        type,
        description: typeof property.description === 'string' ? property.description : '',
        required: required.includes(name),
        preset: inexact ? undefined : property.default,
        // Digits got lost on the way here: the notebook still has them.
        expression: inexact ? `≈ ${JSON.stringify(property.default)}` : expression
      }
    ];
  });
}
