import { describeWizard } from './wizard.ts';

describeWizard('the wizard, read for a minute before each answer', 60);
