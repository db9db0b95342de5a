/**
 * Manifests as people write them, YAML or JSON, several to a file, to values of the model. Every
 * error has file, line and field and says what would be right; a manifest with an error yields no
 * object. Knows no file system: the caller brings the text. Begin at {@link
 * dev.catwalk.acl.manifest.Manifests}.
 */
@NullMarked
package dev.catwalk.acl.manifest;

import org.jspecify.annotations.NullMarked;
