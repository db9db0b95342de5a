package dev.catwalk.lab.rooms;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What one compiled class names: other classes, and members as {@code owner.name}.
 *
 * @param name the class itself, with dots
 * @param classes every class it names, with dots; arrays by their element
 * @param members every method or field it names
 */
record References(String name, SortedSet<String> classes, SortedSet<String> members) {

  static References of(byte[] classFile) {
    ClassModel model = ClassFile.of().parse(classFile);
    SortedSet<String> classes = new TreeSet<>();
    SortedSet<String> members = new TreeSet<>();
    for (PoolEntry entry : model.constantPool()) {
      switch (entry) {
        case ClassEntry c -> classes.add(dotted(c.asInternalName()));
        case MemberRefEntry m ->
          members.add(dotted(m.owner().asInternalName()) + "." + m.name().stringValue());
        default -> {}
      }
    }
    return new References(dotted(model.thisClass().asInternalName()), classes, members);
  }

  /** All classes below {@code folder}; nothing where it does not exist. */
  static List<References> below(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<References> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder)) {
      files
          .filter(f -> f.toString().endsWith(".class") && !f.endsWith("package-info.class"))
          .sorted()
          .forEach(f -> found.add(of(read(f))));
    }
    return found;
  }

  String packageName() {
    return name.substring(0, name.lastIndexOf('.'));
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String dotted(String internal) {
    String element = internal;
    if (internal.startsWith("[")) {
      element = internal.replaceFirst("^\\[+L?", "").replace(";", "");
    }
    return element.replace('/', '.');
  }
}
