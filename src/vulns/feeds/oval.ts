/**
 * Ubuntu's OVAL (OVAL 5.11, `com.ubuntu.RELEASE.cve.oval.xml`): definitions name tests, tests name objects and states, which follow
 * later in the file. What is kept of a definition is short, and put together at the end.
 */
import { vendorSeverity } from '../severity.ts';
import { fixedIn, OPEN, type Statement } from '../statement.ts';
import { invalidFeed } from './feed-error.ts';
import type { FeedReader } from './feed-reader.ts';
import { readXml } from './xml.ts';

const RANK = 1;

interface Definition {
  readonly isOfInventory: boolean;
  readonly cves: Set<string>;
  title: string;
  severity: string;
  readonly tests: string[];
}

interface Test {
  object: string;
  state: string | undefined;
}

export const readOval: FeedReader = async (path, { inventory, wanted, name: feed, signal }) => {
  const { id, version } = inventory.system;
  if (id !== 'ubuntu') return { covers: false, statements: [] };
  const definitions: Definition[] = [];
  const tests = new Map<string, Test>();
  /** By object: names of packages, or the variable that has them. */
  const objects = new Map<string, { names: string[]; variable?: string }>();
  const states = new Map<string, string>();
  const variables = new Map<string, string[]>();
  let covers = false;
  let definition: Definition | undefined;
  let test: Test | undefined;
  let [objectId, stateId, variableId] = ['', '', ''];
  let isLess = false;
  await readXml(
    path,
    {
      open(name, attributes) {
        const own = attributes['id'] ?? '';
        if (name === 'definition')
          definition = {
            isOfInventory: attributes['class'] === 'inventory',
            cves: new Set(),
            title: '',
            severity: '',
            tests: [],
          };
        else if (name === 'reference' && attributes['source'] === 'CVE')
          definition?.cves.add(attributes['ref_id'] ?? '');
        else if (name === 'criterion' && attributes['negate'] !== 'true')
          definition?.tests.push(attributes['test_ref'] ?? '');
        else if (name === 'dpkginfo_test') {
          test = { object: '', state: undefined };
          tests.set(own, test);
        } else if (name === 'object' && test) test.object = attributes['object_ref'] ?? '';
        else if (name === 'state' && test) test.state = attributes['state_ref'] ?? '';
        else if (name === 'dpkginfo_object') {
          objectId = own;
          objects.set(own, { names: [] });
        } else if (name === 'name' && attributes['var_ref'] !== undefined)
          objects.set(objectId, { names: [], variable: attributes['var_ref'] });
        else if (name === 'dpkginfo_state') stateId = own;
        else if (name === 'evr') isLess = attributes['operation'] === 'less than';
        else if (name === 'constant_variable') {
          variableId = own;
          variables.set(own, []);
        }
      },
      close(name, text) {
        if (name === 'platform' && text.includes(` ${version}`)) covers = true;
        else if (name === 'title' && definition) definition.title = text.slice(0, 200);
        else if (name === 'severity' && definition) definition.severity = text;
        else if (name === 'cve' && definition) definition.cves.add(/CVE-\d{4}-\d+/.exec(text)?.[0] ?? '');
        else if (name === 'definition' && definition) {
          if (!definition.isOfInventory) definitions.push(definition);
          definition = undefined;
        } else if (name === 'dpkginfo_test') test = undefined;
        else if (name === 'name' && objectId !== '' && text !== '') objects.get(objectId)?.names.push(text);
        else if (name === 'dpkginfo_object') objectId = '';
        else if (name === 'evr' && isLess) states.set(stateId, text);
        else if (name === 'value' && variableId !== '') variables.get(variableId)?.push(text);
        else if (name === 'constant_variable') variableId = '';
      },
    },
    signal,
  );
  if (!covers) return { covers, statements: [] };
  if (definitions.length === 0) throw invalidFeed(path, 'it has no definitions');
  const namesOf = ({ object }: Test): string[] => {
    const { names = [], variable } = objects.get(object) ?? {};
    return (variable === undefined ? names : (variables.get(variable) ?? [])).filter((name) =>
      wanted.binaries.has(name),
    );
  };
  const saysOf = ({ state }: Test): Statement['says'] => {
    if (state === undefined) return OPEN;
    const evr = states.get(state);
    return evr === undefined ? { kind: 'unsure', why: 'its test is of a kind that is not read' } : fixedIn(evr);
  };
  const statements = definitions.flatMap(({ cves, title, severity, tests: refs }): Statement[] => {
    const own = vendorSeverity(severity, 'Ubuntu priority');
    const found = refs.flatMap((ref) => tests.get(ref) ?? []);
    return found.flatMap((one) =>
      namesOf(one).flatMap((pack) =>
        [...cves]
          .filter((cve) => cve !== '')
          .map((cve) => ({
            id: cve,
            aliases: [],
            feed,
            rank: RANK,
            package: pack,
            by: 'binary' as const,
            says: saysOf(one),
            severities: own ? [own] : [],
            summary: title || undefined,
            notes: [],
          })),
      ),
    );
  });
  return { covers, statements };
};
