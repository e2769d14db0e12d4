# Installs the package to a fresh prefix and builds a ten-line program against it with find_package(gliocast).
set(prefix ${BINARY}/package-test/prefix)
set(build ${BINARY}/package-test/build)
file(REMOVE_RECURSE ${BINARY}/package-test)
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BINARY} --prefix ${prefix} COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
execute_process(COMMAND ${CMAKE_COMMAND} -S ${SOURCE}/tests/package -B ${build} -G Ninja -DCMAKE_PREFIX_PATH=${prefix}
  -DCMAKE_BUILD_TYPE=Release COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${build} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${build}/consumer OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
if(NOT output MATCHES "auc 0.75")
  message(FATAL_ERROR "the consumer printed: ${output}")
endif()
execute_process(COMMAND ${prefix}/bin/gliocast --version COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${prefix}/bin/gliocast predict --help COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
