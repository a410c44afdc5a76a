package io.jepastream.app;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The picture of the modules, enforced: ingest ← encoder ← probe-heads ← trainer ← app. */
@AnalyzeClasses(
        packages = "io.jepastream",
        importOptions = {ImportOption.DoNotIncludeTests.class, ModulesTest.NoTestJars.class})
class ModulesTest {
    @ArchTest
    static final ArchRule ARROWS_POINT_ONE_WAY = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("ingest")
            .definedBy("io.jepastream.ingest..")
            .layer("encoder")
            .definedBy("io.jepastream.encoder..")
            .layer("probe-heads")
            .definedBy("io.jepastream.probeheads..")
            .layer("trainer")
            .definedBy("io.jepastream.trainer..")
            .layer("app")
            .definedBy("io.jepastream.app..")
            .whereLayer("app")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("trainer")
            .mayOnlyBeAccessedByLayers("app")
            .whereLayer("probe-heads")
            .mayOnlyBeAccessedByLayers("app", "trainer")
            .whereLayer("encoder")
            .mayOnlyBeAccessedByLayers("app", "trainer", "probe-heads");

    @ArchTest
    static final ArchRule ENCODERS_READ_ONLY_RECORDS_AND_PICTURES_OF_INGEST = noClasses()
            .that()
            .resideInAnyPackage("io.jepastream.encoder..", "io.jepastream.probeheads..")
            .should()
            .dependOnClassesThat(resideInAPackage("io.jepastream.ingest..")
                    .and(not(resideInAPackage("io.jepastream.ingest.wire")))
                    .and(not(resideInAPackage("io.jepastream.ingest.media"))));

    @ArchTest
    static final ArchRule INGEST_KNOWS_NO_MODEL = noClasses()
            .that()
            .resideInAPackage("io.jepastream.ingest..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("ai.djl..");

    @ArchTest
    static final ArchRule THE_ASSEMBLER_KNOWS_NO_KAFKA = noClasses()
            .that()
            .haveSimpleName("ClipAssembler")
            .or()
            .haveSimpleName("WindowWriter")
            .or()
            .haveSimpleName("CameraState")
            .or()
            .haveSimpleName("SlotMark")
            .or()
            .haveSimpleName("ClipConfig")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.kafka..");

    @ArchTest
    static final ArchRule CLASSES_ARE_FINAL = classes()
            .that()
            .resideOutsideOfPackage("..wire")
            .and()
            .areNotInterfaces()
            .and()
            .doNotHaveModifier(JavaModifier.ABSTRACT)
            .and()
            .doNotHaveModifier(JavaModifier.SYNTHETIC)
            .and()
            .areNotEnums()
            .and()
            .areNotAnonymousClasses()
            .should()
            .haveModifier(JavaModifier.FINAL);

    /** Leaves out what other modules' tests share as a jar. */
    static final class NoTestJars implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("-tests.jar");
        }
    }
}
