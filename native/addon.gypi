# How the addon is compiled, included by binding.gyp in the repository's root. Gyp reads literal paths here from native/,
# and whatever starts with a variable or a command from the root.
{
  'variables': {
    'lua_source': 'deps/lua/lua-5.4.7/src',
    # Every file of Lua is compiled as C, without warnings, behind our configuration. GCC looks for an -include among
    # the include directories, so the path below is relative to native/.
    'lua_cflags': ['-w', '-fvisibility=hidden', '-include', 'lua/upstream/config.h'],
  },
  'target_defaults': {
    'include_dirs': ['.', '<(lua_source)'],
    'cflags': ['-fvisibility=hidden', '-Wall', '-Wextra'],
    'configurations': {
      'Release': {'cflags!': ['-O3'], 'cflags': ['-O2']},
    },
  },
  'targets': [
    {
      'target_name': 'lua_library',
      'type': 'static_library',
      'sources': ['<!@(node native/sources.mjs --lua)'],
      'defines': ['LUA_USE_LINUX'],
      'cflags': ['<@(lua_cflags)'],
    },
    {
      'target_name': 'lua_strlib',
      'type': 'static_library',
      'sources': ['<(lua_source)/lstrlib.c'],
      'defines': ['LUA_USE_LINUX'],
      'cflags': ['<@(lua_cflags)', '-include', 'lua/upstream/poll_strlib.h'],
    },
    {
      'target_name': 'lua_tablib',
      'type': 'static_library',
      'sources': ['<(lua_source)/ltablib.c'],
      'defines': ['LUA_USE_LINUX'],
      'cflags': ['<@(lua_cflags)', '-include', 'lua/upstream/poll_tablib.h'],
    },
    {
      'target_name': 'sloth_runner',
      'dependencies': ['lua_library', 'lua_strlib', 'lua_tablib'],
      'sources': ['<!@(node native/sources.mjs base data sched sync lua runtime node)'],
      'actions': [
        {
          'action_name': 'embed_lua',
          'inputs': ['embed-lua.mjs', '<!@(node native/sources.mjs --prelude)'],
          'outputs': ['<(SHARED_INTERMEDIATE_DIR)/prelude_texts.cc'],
          'action': ['node', 'native/embed-lua.mjs', '<@(_outputs)'],
          'process_outputs_as_sources': 1,
        },
      ],
      'include_dirs': ['<!(node -p "process.env.SLOTH_NODE_ADDON_API || require(\'node-addon-api\').include_dir")'],
      'defines': [
        'LUA_USE_LINUX',
        'NAPI_VERSION=9',
        'NAPI_DISABLE_CPP_EXCEPTIONS',
        'NODE_ADDON_API_DISABLE_DEPRECATED',
        'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
      ],
      'cflags_cc!': ['-std=gnu++17', '-std=gnu++20'],
      'cflags_cc': ['-std=c++20', '-fno-exceptions', '-fno-rtti', '-fvisibility-inlines-hidden'],
      # nodelete: a worker_thread's exit unloads the library while our threads may still be on their way out.
      'ldflags': ['-Wl,-z,nodelete', '-Wl,--exclude-libs,ALL'],
      'libraries': ['-ldl'],
    },
  ],
}
