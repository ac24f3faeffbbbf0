/** apt-get in the guest, which asks nothing. */
import { packageFailed, packageFailure } from '../../../diagnosis/package-failure.ts';
import { IngotError } from '../../../errors.ts';
import type { StepContext } from '../../../guest/steps/step-context.ts';
import { lastLines } from '../../../host/lines.ts';
import { type AptPlan, parseAptPlan } from './apt-plan.ts';

/** Milliseconds, with KVM: a kernel makes an initramfs. */
const LIMIT = 30 * 60_000;

const ENVIRONMENT = 'LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive';

export class Apt {
  readonly #context: StepContext;

  constructor(context: StepContext) {
    this.#context = context;
  }

  async simulate(words: string): Promise<AptPlan> {
    const { session, factor } = this.#context;
    const result = await session.exec(`${ENVIRONMENT} apt-get -q --simulate ${words} < /dev/null`, {
      timeout: LIMIT * factor,
    });
    if (result.exitCode === 0) return parseAptPlan(result.stdout);
    throw this.#failed(words, `${result.stdout}\n${result.stderr}`);
  }

  /** As root, without questions; essential packages are refused by apt itself. */
  async run(words: string): Promise<void> {
    const { session, factor, reporter } = this.#context;
    const lines: string[] = [];
    const { exitCode } = await session.exec(`${ENVIRONMENT} apt-get -q -y ${words} < /dev/null`, {
      timeout: LIMIT * factor,
      onLine(line) {
        lines.push(line);
        reporter.line(line);
      },
    });
    if (exitCode === 0) return;
    const failure = packageFailure(lines, lines.slice(-200));
    if (failure !== undefined) throw packageFailed(`apt-get ended with status ${exitCode}`, failure, 'slim');
    throw this.#failed(words, lines.join('\n'));
  }

  #failed(words: string, output: string): IngotError {
    const { session } = this.#context;
    return new IngotError('guest.slim-failed', 'apt-get cannot do what `slim` asks for', {
      where: 'slim',
      detail: session.redact(`$ apt-get ${words}\n${lastLines(output, 12)}`),
      hint: 'The last lines say why. `ingot shell` starts the machine as it was left.',
    });
  }
}
