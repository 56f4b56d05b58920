# SPDX-License-Identifier: Apache-2.0
# `cmake --install`: the package config. Libraries, headers and the command are installed by the
# folders that own them, exported in the set weftTargets. All paths are relative to the prefix.
include(CMakePackageConfigHelpers)

set(weft_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/weft")
foreach(library IN ITEMS spec io program runtime)
  set_target_properties(weft_${library} PROPERTIES EXPORT_NAME ${library})
endforeach()
install(EXPORT weftTargets NAMESPACE weft:: DESTINATION "${weft_package_dir}")
configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/weftConfig.cmake.in"
  "${CMAKE_BINARY_DIR}/weftConfig.cmake"
  INSTALL_DESTINATION "${weft_package_dir}")
write_basic_package_version_file("${CMAKE_BINARY_DIR}/weftConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_BINARY_DIR}/weftConfig.cmake" "${CMAKE_BINARY_DIR}/weftConfigVersion.cmake"
  DESTINATION "${weft_package_dir}")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DATADIR}/weft")
