/** What limits of tests are held against: processor time, so that a busy host makes no difference. */

/** Of this process with its threads since `before`, milliseconds. */
export const processorTime = (before?: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};
