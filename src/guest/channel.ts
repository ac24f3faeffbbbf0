/**
 * One command on a connection (RFC 4254, 6.5). Its end is reported once it has ended itself. A process that it leaves in the
 * background, and that keeps its output open, is waited for only until the output stops.
 */
import type { Readable } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';

export interface ChannelOptions {
  readonly stdin?: string | Readable | undefined;
  readonly onStdout: (text: string) => void;
  readonly onStderr: (text: string) => void;
  readonly onChannel?: (channel: ClientChannel) => void;
}

export interface ChannelEnd {
  /** Neither, when the connection broke under the command. */
  readonly code: number | undefined;
  readonly signal: string | undefined;
  /** Somebody else has its output still open. */
  readonly isHeld: boolean;
}

/** Once the command has ended: how long to wait while nothing comes, and at most while something does. Milliseconds. */
const [QUIET, PATIENCE] = [3_000, 10_000];

export const runOnChannel = (client: Client, command: string, options: ChannelOptions): Promise<ChannelEnd> =>
  new Promise((resolve, reject) => {
    const onError = (error: Error) => reject(error);
    client.once('error', onError);
    client.exec(command, (error, channel) => {
      client.removeListener('error', onError);
      if (error) return reject(error);
      options.onChannel?.(channel);
      follow(channel, options, resolve);
      feed(channel, options.stdin);
    });
  });

const follow = (channel: ClientChannel, options: ChannelOptions, resolve: (end: ChannelEnd) => void): void => {
  let end: Omit<ChannelEnd, 'isHeld'> | undefined;
  let isOver = false;
  let quiet: NodeJS.Timeout | undefined;
  let patience: NodeJS.Timeout | undefined;
  const finish = (isHeld: boolean): void => {
    if (isOver) return;
    isOver = true;
    clearTimeout(quiet);
    clearTimeout(patience);
    resolve({ code: end?.code, signal: end?.signal, isHeld });
  };
  const hold = (): void => {
    clearTimeout(quiet);
    if (end && !isOver) quiet = setTimeout(() => finish(true), QUIET);
  };
  // What comes later is read as well, and dropped, so that its writer does not block.
  const listen = (tell: (text: string) => void) => {
    const decoder = new TextDecoder();
    return (chunk: Buffer) => {
      hold();
      if (!isOver) tell(decoder.decode(chunk, { stream: true }));
    };
  };
  channel.on('data', listen(options.onStdout));
  channel.stderr.on('data', listen(options.onStderr));
  channel.on('exit', (code: number | null, signal?: string) => {
    end = { code: code ?? undefined, signal };
    patience = setTimeout(() => finish(true), PATIENCE);
    hold();
  });
  channel.on('close', () => finish(false));
};

const feed = (channel: ClientChannel, stdin: ChannelOptions['stdin']): void => {
  if (typeof stdin === 'object') stdin.pipe(channel);
  else channel.end(stdin);
};
