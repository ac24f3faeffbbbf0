/** Work on one disk at the same time: when a part fails, the others end before that is told, since the disk is closed then. */
export const sideBySide = async (parts: readonly Promise<unknown>[]): Promise<void> => {
  await Promise.allSettled(parts);
  await Promise.all(parts);
};
