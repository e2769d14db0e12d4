# gliocast_module(<name> SOURCES … HEADERS … [PUBLIC …] [PRIVATE …])
# One module of libs/: a static library gliocast::<name>, its headers verified to be self-contained, installed and
# exported.
add_library(gliocast_warnings INTERFACE)
add_library(gliocast::warnings ALIAS gliocast_warnings)
target_compile_options(gliocast_warnings INTERFACE -Wall -Wextra -Wconversion
  $<$<CXX_COMPILER_ID:Clang>:-Wcomma>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)  # GCC 12 warns wrongly about "text" + std::string (PR 105651)
if(GLIOCAST_WERROR)
  target_compile_options(gliocast_warnings INTERFACE -Werror)
endif()
if(GLIOCAST_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=address,undefined)
endif()
if(GLIOCAST_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

configure_file(${CMAKE_CURRENT_LIST_DIR}/test_paths.hpp.in ${CMAKE_BINARY_DIR}/tests/include/test_paths.hpp @ONLY)

function(gliocast_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;HEADERS;PUBLIC;PRIVATE" ${ARGN})
  add_library(gliocast_${name} STATIC ${ARG_SOURCES})
  add_library(gliocast::${name} ALIAS gliocast_${name})
  set_target_properties(gliocast_${name} PROPERTIES EXPORT_NAME ${name} VERIFY_INTERFACE_HEADER_SETS ON)
  target_sources(gliocast_${name} PUBLIC FILE_SET HEADERS BASE_DIRS include FILES ${ARG_HEADERS})
  target_compile_features(gliocast_${name} PUBLIC cxx_std_20)
  target_link_libraries(gliocast_${name} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE}
    $<BUILD_INTERFACE:gliocast::warnings>)
  install(TARGETS gliocast_${name} EXPORT gliocastTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
          FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endfunction()

# gliocast_test(<module> SOURCES … [LIBRARIES …] [LABELS …]): one gtest executable a module, one ctest test a gtest
# case.
function(gliocast_test module)
  if(NOT BUILD_TESTING)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  find_package(GTest REQUIRED)
  include(GoogleTest)
  add_executable(test_${module} ${ARG_SOURCES})
  target_link_libraries(test_${module} PRIVATE gliocast::${module} ${ARG_LIBRARIES} GTest::gtest_main
    gliocast::warnings)
  target_include_directories(test_${module} PRIVATE ${PROJECT_SOURCE_DIR}/tests/include
    ${CMAKE_BINARY_DIR}/tests/include)
  gtest_discover_tests(test_${module} TEST_PREFIX "${module}." DISCOVERY_TIMEOUT 120
                       PROPERTIES LABELS "${module};${ARG_LABELS}" TIMEOUT 900)
endfunction()

# gliocast_fuzz(<name> <source> <libraries…>): a libFuzzer harness, built with -DGLIOCAST_FUZZ=ON and clang.
function(gliocast_fuzz name source)
  if(GLIOCAST_FUZZ)
    add_executable(fuzz_${name} ${source})
    target_link_libraries(fuzz_${name} PRIVATE ${ARGN} gliocast::warnings)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  endif()
endfunction()
