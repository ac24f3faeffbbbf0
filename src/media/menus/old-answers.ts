/**
 * Words of a command line that answer an installer's questions or say where its answers are. The unattended entry has
 * answers of its own: those of its model would be added to them, or win. As data, by installer.
 */

const OLD_ANSWERS: readonly RegExp[] = [
  // debian-installer: where a preseed file is, aliases of questions (preseed_aliases of its package preseed), and any
  // question by its name; but not what finds the medium.
  /^(auto|file|url|priority|locale|language|country|keymap|hostname|domain|interface|classes|tasks|desktop|suite|protocol|modules|recommends)=/,
  /^(preseed-md5|preseed-file|preseed-url)(=|$)/,
  /^(?!iso-scan\/|cdrom-detect\/|boot=)[a-z][a-z0-9+.-]*\/[a-z0-9/_-]+\??=/,
  /^(auto|automatic-ubiquity|only-ubiquity|maybe-ubiquity)$/,
  // Anaconda, before RHEL 7 without `inst.`.
  /^(inst\.)?(ks|ksdevice|lang|keymap|kssendmac|kssendsn|vnc|vncconnect|vncpassword|rescue|text|cmdline|graphical)(=|$)/,
  /^inst\.(ks\.\w+|vnc\.\w+|rdp(\.\w+)?)(=|$)/,
  // The network, as dracut, klibc and the installers take it.
  /^(ip|ipv6|nameserver|dns|netmask|gateway|bond|bridge|team|vlan|ifname|rd\.route|BOOTIF|netsetup|netdevice|hostip|ifcfg)=/,
  // Subiquity and cloud-init.
  /^(autoinstall|ds|ci\.ds|ci\.datasource|subiquity\.autoinstallpath|cloud-config-url|network-config)(=|$)/,
  // YaST and Agama.
  /^(autoyast2?|inst\.auto(_insecure)?|inst\.script|agama\.(auto|script))(=|$)/,
];

export const isOldAnswer = (word: string): boolean => OLD_ANSWERS.some((pattern) => pattern.test(word));
