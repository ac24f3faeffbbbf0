import { setImmediate as tick } from 'node:timers/promises';
import t from 'tap';
import { createSlots } from '../../src/pipeline/slots.ts';

const { signal } = new AbortController();

t.test('machines wait for processors and memory, in their order', async (t) => {
  const slots = createSlots({ cpus: 4, memory: 100 });
  const log: string[] = [];
  const start = async (name: string, cpus: number, memory: number) => {
    const slot = await slots.take({ cpus, memory }, { signal, onWait: () => log.push(`${name} waits`) });
    log.push(name);
    return slot;
  };
  const a = await start('a', 2, 40);
  const b = await start('b', 2, 40);
  const c = start('c', 1, 10);
  const d = start('d', 1, 90);
  const e = start('e', 1, 10);
  await tick();
  t.same(log, ['a', 'b', 'c waits', 'd waits', 'e waits']);
  a[Symbol.dispose]();
  await tick();
  t.same(log.slice(5), ['c'], 'd needs more memory, and e does not overtake it');
  b[Symbol.dispose]();
  (await c)[Symbol.dispose]();
  (await d)[Symbol.dispose]();
  (await e)[Symbol.dispose]();
  t.same(log.slice(5), ['c', 'd', 'e']);
});

t.test('one that is larger than the host runs alone', async (t) => {
  const slots = createSlots({ cpus: 2, memory: 100 });
  const large = await slots.take({ cpus: 8, memory: 1000 }, { signal });
  let isWaiting = false;
  const next = slots.take({ cpus: 1, memory: 1 }, { signal, onWait: () => (isWaiting = true) });
  t.ok(isWaiting);
  large[Symbol.dispose]();
  (await next)[Symbol.dispose]();
});

t.test('who gives up makes room for those after', async (t) => {
  const slots = createSlots({ cpus: 2, memory: 100 });
  const first = await slots.take({ cpus: 1, memory: 1 }, { signal });
  const controller = new AbortController();
  const large = slots.take({ cpus: 2, memory: 1 }, { signal: controller.signal });
  const small = slots.take({ cpus: 1, memory: 1 }, { signal });
  controller.abort(new Error('enough'));
  await t.rejects(large, { code: 'interrupted' });
  (await small)[Symbol.dispose]();
  await t.rejects(slots.take({ cpus: 1, memory: 1 }, { signal: controller.signal }), { code: 'interrupted' });
  first[Symbol.dispose]();
});
