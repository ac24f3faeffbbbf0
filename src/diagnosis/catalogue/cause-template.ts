/** The source of what debian-installer's own dialogs say. */
export const template = (...components: readonly string[]): string => `debconf templates of ${components.join(', ')}`;
