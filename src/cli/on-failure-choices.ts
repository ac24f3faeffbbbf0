/** The values of `--on-failure`, without what they do: `--help` needs no more. */
export const ON_FAILURE = ['keep', 'shell', 'destroy'] as const;
