# The build itself is native/addon.gypi. Released packages leave this file out (npm would compile on install if it
# were there) and `sloth-runner build-native` writes it again where no prebuilt binary fits.
{
  'includes': ['native/addon.gypi'],
}
