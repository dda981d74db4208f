// The one upstream release this project compiles. The checksum is upstream's own, published beside the tarball.
export const version = '5.4.7';
export const name = `lua-${version}`;
export const tarball = `${name}.tar.gz`;
export const sha256 = '9fbf5e28ef86c69858f6d3d34eccc32e911c1a28b4120ff3e84aaa70cfbf1e30';
export const url = `https://www.lua.org/ftp/${tarball}`;
