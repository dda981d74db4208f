// The one upstream release this project compiles. The checksum is upstream's own, published beside the tarball.
export const lua547 = {
  version: '5.4.7',
  name: 'lua-5.4.7',
  tarball: 'lua-5.4.7.tar.gz',
  sha256: '9fbf5e28ef86c69858f6d3d34eccc32e911c1a28b4120ff3e84aaa70cfbf1e30',
  url: 'https://www.lua.org/ftp/lua-5.4.7.tar.gz',
};
