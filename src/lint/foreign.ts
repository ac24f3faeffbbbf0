/**
 * Answer files of other installers and other files that people keep with ours: named, since dozens of findings about a
 * file that was never meant for the installer help nobody. A file is named only when its own marks leave no doubt.
 */
import type { SourceFile } from './source-file.ts';

interface Format {
  /** With its article, as it stands in a sentence. */
  readonly name: string;
  readonly is: (file: Text) => boolean;
}

interface Text {
  readonly text: string;
  /** The first line that says something. */
  readonly first: string;
}

/** A mapping's keys at the outermost level of YAML. */
const hasKeys = (text: string, keys: readonly string[], least = 1): boolean =>
  keys.filter((key) => new RegExp(`^["']?${key}["']?:(\\s|$)`, 'm').test(text)).length >= least;

/** Names of JSON and Jsonnet, with or without quotation marks. */
const hasNames = (text: string, names: readonly string[], least = names.length): boolean =>
  names.filter((name) => new RegExp(`[{,\\s]["']?${name}["']?\\s*:`).test(text)).length >= least;

const CLOUD_CONFIG = [
  ...['package_update', 'package_upgrade', 'packages', 'runcmd', 'bootcmd', 'write_files', 'users', 'chpasswd'],
  ...['ssh_authorized_keys', 'ssh_pwauth', 'debconf_selections', 'hostname', 'fqdn', 'locale', 'timezone', 'growpart'],
  ...['disk_setup', 'fs_setup', 'power_state', 'final_message', 'manage_etc_hosts', 'ntp', 'apt', 'yum_repos'],
];
const AUTOINSTALL = [
  ...['identity', 'storage', 'ssh', 'late-commands', 'early-commands', 'user-data', 'keyboard', 'interactive-sections'],
  ...['refresh-installer', 'source', 'snaps', 'drivers', 'kernel'],
];
const RECIPE = ['os', 'origin', 'answers', 'machine', 'configure', 'capture', 'seal', 'media', 'variants'];

/** Recognized by how they begin: none of our files begins like that, whatever follows. */
const BEGINNINGS: readonly Format[] = [
  { name: 'an autoinstall file of Ubuntu', is: ({ text, first }) => isHeadOfYaml(first) && isAutoinstall(text) },
  { name: 'a cloud-config of cloud-init', is: ({ text, first }) => isCloudHead(first, text) },
  {
    name: 'a multipart archive for cloud-init',
    is: ({ first }) => /^(Content-Type:\s*multipart\/|MIME-Version:)/i.test(first),
  },
  { name: 'a list of files for cloud-init', is: ({ first }) => /^#(include|include-once|cloud-boothook)$/.test(first) },
  { name: 'an AutoYaST profile', is: (file) => isXml(file) && /<profile\b|yast2ns|<!DOCTYPE profile/.test(file.text) },
  { name: 'an answer file of Windows', is: (file) => isXml(file) && /<unattend\b/.test(file.text) },
  { name: 'a list of package groups (comps)', is: (file) => isXml(file) && /<comps\b/.test(file.text) },
  { name: 'an XML file', is: (file) => isXml(file) },
  { name: 'an Agama profile', is: (file) => isJson(file) && isAgama(file.text) },
  { name: 'an Ignition configuration', is: (file) => isJson(file) && hasNames(file.text, ['ignition']) },
  {
    name: 'a configuration of archinstall',
    is: (file) => isJson(file) && hasNames(file.text, ['archinstall-language', 'disk_config', 'profile_config'], 1),
  },
  { name: 'a JSON file', is: (file) => isJson(file) },
  { name: 'a script of iPXE', is: ({ first }) => /^#!\s*(ipxe|gpxe)\b/.test(first) },
  { name: 'a script', is: ({ first }) => SCRIPT.test(first) },
  { name: 'an answer file of Proxmox VE', is: ({ text, first }) => first.startsWith('[') && isProxmox(text) },
  { name: 'a blueprint of osbuild', is: ({ text, first }) => /^(\[|\w+\s*=)/.test(first) && BLUEPRINT.test(text) },
  { name: 'an INI or TOML file', is: ({ first }) => /^\[\[?[\w.-]+\]\]?$/.test(first) },
  {
    name: 'the spec file of a package',
    is: ({ text, first }) =>
      /^(Name|Summary|Version|Release|License):\s|^%(define|global)\s|^%\{/.test(first) &&
      /^%description\b/m.test(text),
  },
  {
    name: 'a NixOS configuration',
    is: ({ text }) => /^\s*\{[^}]{0,200}\b(config|pkgs|lib)\b[^}]{0,200}\}\s*:/.test(text),
  },
  {
    name: 'a Containerfile',
    is: ({ first, text }) => /^(FROM|ARG)\s+\S/.test(first) && /^(RUN|COPY|CMD)\s/m.test(text),
  },
];

/** By marks that a script in a file of ours may write somewhere: they count only for files that are not ours. */
const MARKS: readonly Format[] = [
  { name: 'an autoinstall file of Ubuntu', is: ({ text }) => isAutoinstall(text) },
  { name: 'a Butane configuration', is: ({ text }) => /^variant:\s*(fcos|flatcar|openshift|r4e|fiot)\b/m.test(text) },
  {
    name: 'a netplan configuration',
    is: ({ text }) => /^network:[ \t]*\n[ \t]+(version|ethernets|renderer):/m.test(text),
  },
  { name: 'a manifest of Kubernetes', is: ({ text }) => hasKeys(text, ['apiVersion', 'kind'], 2) },
  { name: 'a playbook of Ansible', is: ({ text }) => /^- (hosts|name|import_playbook|ansible\.\S+):/m.test(text) },
  {
    name: 'a cloud-config of cloud-init',
    is: ({ text }) => /^#cloud-config\b/m.test(text) || hasKeys(text, CLOUD_CONFIG, 2),
  },
  { name: 'an Agama profile', is: ({ text }) => /^[ \t]*\{/m.test(text) && isAgama(text) },
  { name: 'an answer file of Proxmox VE', is: ({ text }) => isProxmox(text) },
  { name: 'a menu of GRUB', is: ({ text }) => /^[ \t]*menuentry\s+['"]/m.test(text) },
  {
    name: 'a menu of SYSLINUX',
    is: ({ text }) => /^[ \t]*label[ \t]+\S/im.test(text) && /^[ \t]*(kernel|linux|append)[ \t]+\S/im.test(text),
  },
  {
    name: 'an answer file of setup-alpine',
    is: ({ text }) => /^(KEYMAPOPTS|DISKOPTS|SSHDOPTS|TIMEZONEOPTS)=/m.test(text),
  },
  { name: 'a shell script', is: ({ text }) => (text.match(SHELL) ?? []).length >= 2 },
];

const isXml = ({ first }: Text): boolean => /^\uFEFF?<(\?xml|!DOCTYPE|!--|[A-Za-z])/.test(first);
const isJson = ({ text }: Text): boolean =>
  /^\s*(\{\s*("|[A-Za-z]\w*\s*:|\}|\/\/)|\[\s*[[{"]|local\s+\w+\s*=)/.test(text);
const isHeadOfYaml = (first: string): boolean => /^(#cloud-config\b|---|autoinstall:|version:)/.test(first);

const SCRIPT = /^#!\s*\/\S*\/(env\s|\w*sh\b|python[\d.]*|perl|ruby|awk|expect)/;
/** What only a shell's grammar has. */
const SHELL =
  /^[ \t]*(if \S.*;[ \t]*then|for \w+ in |while .*;[ \t]*do|fi$|done$|esac$|set -\w|exit \d|echo |export |[A-Za-z_]\w*=)/gm;
const BLUEPRINT = /^\[\[(packages|groups|containers)\]\]|^\[customizations/m;

const isAgama = (text: string): boolean =>
  /agama/i.test(text) ||
  hasNames(text, ['legacyAutoyastStorage']) ||
  hasNames(text, ['product', 'software', 'root', 'user', 'storage', 'localization', 'bootloader'], 2);

const isProxmox = (text: string): boolean =>
  /^\[global\]/m.test(text) && /^(keyboard|fqdn|mailto|root[-_]password)[ \t]*=/m.test(text);

const isAutoinstall = (text: string): boolean =>
  hasKeys(text, ['autoinstall']) || (/^version:[ \t]*1[ \t]*$/m.test(text) && hasKeys(text, AUTOINSTALL));

/** cloud-init goes by the first line; with Jinja that is the second. */
const isCloudHead = (first: string, text: string): boolean =>
  /^#cloud-config\b/.test(first) || (/^## template:\s*jinja/.test(first) && /^#cloud-config\b/m.test(text));

/** Enough is read to know a file by. */
const READ = 200_000;

const textOf = ({ lines, text }: SourceFile): Text => ({
  text: text.slice(0, READ),
  first: (lines.slice(0, 200).find((line) => line.trim() !== '') ?? '').trim(),
});

/** The name in words of a file that begins like none of ours. */
export const foreignBeginning = (file: SourceFile): string | undefined => nameIn(BEGINNINGS, file);

/** The name in words of a file that does not seem to be ours. */
export const foreignMarks = (file: SourceFile): string | undefined =>
  isRecipe(file.text) ? 'a recipe, which is known by the end of its name, .yaml' : nameIn(MARKS, file);

const nameIn = (formats: readonly Format[], file: SourceFile): string | undefined => {
  const text = textOf(file);
  return formats.find(({ is }) => is(text))?.name;
};

/** Whether YAML is a recipe of ours, as far as its keys say. */
export const isRecipe = (text: string): boolean => hasKeys(text, ['name']) && hasKeys(text, RECIPE);
