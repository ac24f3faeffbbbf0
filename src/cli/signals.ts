/** Signals as an abort. */
import { IngotError } from '../errors.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Comes again with each further write that nobody reads. */
const UNREAD = 'SIGPIPE';

/** The first signal asks the build to end cleanly, the second ends this process; its children die with it. */
export const interruptible = (): Disposable & { readonly signal: AbortSignal } => {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(
      new IngotError('interrupted', `interrupted by ${name}`, { hint: 'The same command goes on where it stopped.' }),
    );
  };
  const onUnread = (): void => {
    controller.abort(
      new IngotError('interrupted', 'interrupted: nothing reads the output any more', {
        hint: 'The same command goes on where it stopped.',
      }),
    );
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  process.on(UNREAD, onUnread);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const name of SIGNALS) process.off(name, onSignal);
      process.off(UNREAD, onUnread);
    },
  };
};
