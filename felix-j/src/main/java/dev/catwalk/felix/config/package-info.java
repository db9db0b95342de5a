/**
 * Configuration files as located values: YAML in, records of the rooms that need them out. Every
 * error names file, line, column and field; an unknown key is an error. Only text is read here,
 * files are opened by the caller. Begin at {@link dev.catwalk.felix.config.YamlMap#parse} and
 * {@link dev.catwalk.felix.config.BgpSection}.
 */
@NullMarked
package dev.catwalk.felix.config;

import org.jspecify.annotations.NullMarked;
