/** Forms of a report. */
export const FORMATS = ['text', 'json', 'sarif', 'cyclonedx-vex', 'openvex', 'in-toto'] as const;
