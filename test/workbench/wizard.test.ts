import { describeWizard } from './wizard.ts';

describeWizard('the wizard, answered after a second each', 1);
