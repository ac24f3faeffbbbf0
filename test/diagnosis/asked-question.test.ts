import t from 'tap';
import { answerLine, askedQuestion, questionsOf } from '../../src/diagnosis/asked-question.ts';

const TEMPLATES = `Template: netcfg/get_domain
Type: string
Description: Name of the domain:
 What comes after the host name, for all machines of the house.
 .
 It may be left empty.
Description-de.UTF-8: Name der Domäne:
 Was hinter dem Rechnernamen kommt.

Template: netcfg/get_nameservers
Type: string
Description: Name server addresses:
 What comes after the host name, for all machines of the house.
 .
 Up to three addresses, with blanks between them.

Template: partman/method
Type: select
Choices-C: regular, lvm, crypto
Choices: Guided, Guided with LVM, Guided with encryption
Description: Partitioning method for \${DISK}:
 The whole of the disk \${DISK} (\${SIZE}) will be used by this.

Template: a/comma
Type: select
Choices: one\\, two, three
Description: Which of the two is it to be?

Template: partman/confirm
Type: boolean
Default: false
Description: Write the changes to the disks?

Template: a/title
Type: title
Description: Partition the disks of the machine

Template: a/short
Type: string
Description: Country:
`;

const dialog = (...lines: string[]) =>
  [`  ┌────────┤ [!!] Title ├────────┐`, ...lines.map((line) => `  │ ${line.padEnd(40)} │`), '  └──────┘'].join('\n');

t.test('a question is told by its text', (t) => {
  const questions = questionsOf(TEMPLATES);
  t.same(
    questions.map(({ name }) => name),
    ['netcfg/get_domain', 'netcfg/get_nameservers', 'partman/method', 'a/comma', 'partman/confirm', 'a/short'],
  );
  const on = (...lines: string[]) => askedQuestion(dialog(...lines), questions)?.name;
  const shared = ['What comes after the host name, for all', 'machines of the house.'];
  t.equal(on(...shared, '', 'It may be left empty.', 'Name of the domain:'), 'netcfg/get_domain');
  t.equal(on(...shared, 'Name server addresses:'), 'netcfg/get_nameservers', 'the longest that fits');
  t.equal(on(...shared), undefined, 'two fit as well');
  t.equal(on('Partitioning method for SCSI1 (sda):', 'Guided'), 'partman/method', 'with values in it');
  t.equal(on('Write the changes to the disks?', '<Yes>   <No>'), 'partman/confirm');
  t.equal(on('Partition the disks of the machine'), undefined, 'a title is not asked');
  t.equal(on('Country:'), undefined, 'too short to tell');
  t.equal(askedQuestion('', questions), undefined);
  t.equal(askedQuestion(dialog('Write the changes to the disks?'), []), undefined);
  t.end();
});

t.test('a line to paste', (t) => {
  const byName = new Map(questionsOf(TEMPLATES).map((question) => [question.name, answerLine(question)]));
  t.equal(byName.get('partman/method'), 'd-i partman/method select regular');
  t.equal(byName.get('a/comma'), 'd-i a/comma select one, two', 'a comma of the value divides nothing');
  t.equal(byName.get('partman/confirm'), 'd-i partman/confirm boolean true');
  t.equal(byName.get('netcfg/get_domain'), 'd-i netcfg/get_domain string VALUE');
  t.equal(answerLine({ name: 'x/note', type: 'note', texts: [] }), 'd-i x/note note');
  t.end();
});
