/** Lines of what programs write. */

/**
 * Cuts a stream of text into lines at \n, \r\n and \r; empty lines are passed over. A line that grows beyond `longest`
 * characters is cut: whoever sends without end fills no memory.
 */
export const lineSplitter = (onLine: (line: string) => void, longest = Number.POSITIVE_INFINITY) => {
  let rest = '';
  const end = (): void => {
    if (rest !== '') onLine(rest);
    rest = '';
  };
  return {
    push(text: string): void {
      const lines = (rest + text).split(/\r\n|\n|\r/);
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') onLine(line);
      if (rest.length > longest) end();
    },
    end,
  };
};

export const lastLines = (text: string, count: number): string =>
  text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-count)
    .join('\n');
