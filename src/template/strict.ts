/** Values that a template cannot misspell. */

/**
 * The same value, but reading a property that it does not have throws. Conditions can ask for an optional one with
 * `'name' in object`. Its text travels (apart.ts): it uses nothing but the language and itself.
 */
export const strict = (value: unknown, name: string): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get(target, property) {
      if (typeof property === 'symbol') return Reflect.get(target, property);
      if (!(property in target)) throw new Error(`${name}.${property} is not defined`);
      const found: unknown = Reflect.get(target, property);
      return typeof found === 'function'
        ? found
        : strict(found, Array.isArray(target) ? `${name}[${property}]` : `${name}.${property}`);
    },
  });
};
